"""What `secretguard doctor` looks at, one check a function: a good sign, a warning, or a fault with its fix."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from secretguard.agents import capability, claude_client, claude_install, claude_launcher
from secretguard.agents import claude_settings as settings
from secretguard.agents.loopback_api import LoopbackApi, use
from secretguard.audit.verify import INTACT, UNANCHORED, verify
from secretguard.detect import made_up
from secretguard.errors import SecretguardError
from secretguard.guard.settings import SWITCHES
from secretguard.pack import open_engine
from secretguard.places import state_dir
from secretguard.policy.layers import in_force
from secretguard.policy.observe import observing, told
from secretguard.shell import shfmt

GOOD, WARNING, FAULT = "good", "warning", "fault"


@dataclass(frozen=True)
class Sign:
    """One result: its kind, what was seen, and for all but good ones how to mend it."""

    kind: str
    text: str
    fix: str = ""


def signs(project: Path, client: Path | None) -> Iterator[Sign]:
    """All checks for sessions that start in `project`; `client` is the real client, None: it is looked for."""
    checks: tuple[Callable[[], Iterator[Sign]], ...] = (
        _engine,
        lambda: _policy(project),
        _parser,
        _journal,
        lambda: _settings(project),
        _hook_process,
        lambda: _client(client or claude_client.find(), project),
    )
    for check in checks:
        try:
            yield from check()
        except SecretguardError as error:
            yield Sign(FAULT, error.message, error.fix)


def guarded_scopes(project: Path) -> list[str]:
    """The scopes whose settings hold the guard's hooks for every event."""
    return [scope for scope in settings.SCOPES if _missing(scope, project) == []]


def _engine() -> Iterator[Sign]:
    open_engine()
    yield Sign(GOOD, "the rules are compiled and load")


def _policy(project: Path) -> Iterator[Sign]:
    policy = in_force(os.path.realpath(project), look=True)
    (_, base, _), *tightening = policy.standing.layers
    below = "".join(f", tightened by {name} {place}" for name, place, _ in tightening)
    yield Sign(GOOD, f"the policy in {base} is in force ({policy.digest[:12]}){below}")
    for fault in policy.standing.faults:
        yield Sign(FAULT, f"the policy is broken, so nothing is released: {fault}", "`secretguard policy check`")
    now = time.time()
    if observing(policy, now):
        yield Sign(WARNING, told(policy, now), "take [observe] out of facts.toml to enforce it now")
    for note in policy.standing.notes:
        yield Sign(WARNING, f"no effect: {note}", "`secretguard policy layers`")


def _parser() -> Iterator[Sign]:
    if shfmt.binary() is None:
        yield Sign(WARNING, "the shell parser shfmt is missing: most commands count as opaque", "reinstall secretguard")
    else:
        yield Sign(GOOD, "the shell parser is there")


def _journal() -> Iterator[Sign]:
    directory = os.path.join(state_dir(), "audit")
    if not os.path.isdir(directory):
        yield Sign(GOOD, "no audit record yet: it begins with the first event")
        return
    result = verify(directory)
    whole = result.outcome == INTACT or result.words == UNANCHORED
    fix = "" if whole else "run `secretguard audit verify`"
    yield Sign(GOOD if whole else FAULT, f"the audit record {directory}: {result.words}", fix)


def _missing(scope: str, project: Path) -> list[str] | None:
    """Events without our hook in `scope`; None where there are no settings or none of our hooks."""
    path = settings.settings_path(scope, project)
    data = claude_install.read(path)
    if data is None:
        return None
    parsed = settings.parse(data, path)
    if not settings.own_entries(parsed):
        return None
    return settings.missing_events(parsed, claude_launcher.launcher_path(scope))


def _settings(project: Path) -> Iterator[Sign]:
    found = False
    by_path = {settings.settings_path(scope, project): scope for scope in reversed(settings.SCOPES)}
    for scope in reversed(by_path.values()):  # in the home folder, project and user settings are one file
        missing = _missing(scope, project)
        if missing == []:
            found = True
            yield Sign(GOOD, f"the hooks are in the {scope} settings")
        elif missing:
            again = f"run `secretguard install claude-code --scope {scope}`"
            yield Sign(FAULT, f"the {scope} settings lack or changed the hook of {', '.join(missing)}", again)
    if not found:
        yield Sign(FAULT, "Claude Code is not guarded", "run `secretguard install claude-code`")
    yield from _opponents(project)


def _opponents(project: Path) -> Iterator[Sign]:
    """Settings that would switch the guard off, and other hooks that may put back what it took out."""
    local = settings.settings_path("project", project).with_name("settings.local.json")
    paths = [*(settings.settings_path(scope, project) for scope in settings.SCOPES), local]
    for path in dict.fromkeys(paths):
        data = claude_install.read(path)
        if data is None:
            continue
        parsed = settings.parse(data, path)
        for switch in SWITCHES:
            if parsed.get(switch):
                yield Sign(FAULT, f"{path} sets {switch}: hooks do not run", f"take {switch} out of it")
        for other in settings.other_entries(parsed, "PostToolUse"):
            name = str(other.get("command") or other.get("url") or other.get("type"))[:80]
            yield Sign(
                WARNING,
                f"{path}: another PostToolUse hook ({name}); if it rewrites results, the last to finish wins",
                "let only one hook rewrite results, or install with --scope managed, which runs last",
            )


def _hook_process() -> Iterator[Sign]:
    """A canary through the launcher, as the client would call it."""
    launchers = dict.fromkeys(claude_launcher.launcher_path(scope) for scope in settings.SCOPES)
    for launcher in (path for path in launchers if path.exists()):
        canary = made_up.github("ghp_")
        content = {"filePath": "/canary", "content": canary, "numLines": 1, "startLine": 1, "totalLines": 1}
        event = {
            "session_id": "doctor", "cwd": "/", "hook_event_name": "PostToolUse", "tool_name": "Read",
            "tool_input": {"file_path": "/canary"}, "tool_response": {"type": "text", "file": content},
        }  # fmt: skip
        try:
            done = subprocess.run(
                [launcher, "claude-code"],
                input=json.dumps(event).encode(),
                capture_output=True,
                timeout=30,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            yield Sign(FAULT, f"the launcher {launcher} does not answer", "run `secretguard install claude-code` again")
            continue
        if done.returncode or b"[[secret:" not in done.stdout or canary.encode() in done.stdout:
            said = done.stderr.decode("utf-8", "replace")[:200]
            yield Sign(FAULT, f"the launcher {launcher} did not redact a made-up secret", said)
        else:
            yield Sign(GOOD, "the hook process redacts a made-up secret")


def _client(client: Path | None, project: Path) -> Iterator[Sign]:
    """A canary through the real client, with the hooks that are installed: nothing leaves this machine."""
    if client is None:
        yield Sign(
            WARNING, "Claude Code was not found, so nothing could be proved with it", "name it with --client PATH"
        )
        return
    version = claude_client.version(client)
    if version is None:
        yield Sign(FAULT, f"{client} does not say its version", "name another with --client PATH")
        return
    shown = ".".join(map(str, version))
    if version < capability.OLDEST_REDACTING:
        yield Sign(FAULT, f"Claude Code {shown} lets no hook redact what tools print", "update Claude Code")
    elif version < capability.OLDEST_FAILING_CLOSED:
        yield Sign(
            WARNING, f"Claude Code {shown} does not know `onFailure`: a crashed hook is passed over", "update it"
        )
    yield _through(client, shown, project)


def _through(client: Path, shown: str, project: Path) -> Sign:
    # A look at the files of the canary's session may still be at work when its folders go.
    with tempfile.TemporaryDirectory(prefix="secretguard-doctor-", ignore_cleanup_errors=True) as folder:
        home, work = Path(folder, "home"), Path(folder, "work")
        (home / ".claude").mkdir(parents=True)
        work.mkdir()
        canary = made_up.github("ghp_")
        (work / "canary.txt").write_text(f"neutral\nTOKEN={canary}\n")
        (home / ".claude" / "settings.json").write_text(json.dumps(_hooks(project)))
        extra = {key: value for key, value in os.environ.items() if key in ("SECRETGUARD_HOME", "XDG_STATE_HOME")}
        extra.setdefault("SECRETGUARD_HOME", _own_home(folder))
        with LoopbackApi([[use("Read", file_path=str(work / "canary.txt"))]]) as api:
            claude_client.run(client, "read the file", work, claude_client.environment(home, api.url, extra))
        if api.sent(canary):
            return Sign(FAULT, f"Claude Code {shown} sent a made-up secret: it is not guarded", "see the faults above")
        if not api.sent("[[secret:"):
            return Sign(FAULT, f"Claude Code {shown} did not get as far as reading a file", "start it once by hand")
        return Sign(GOOD, f"Claude Code {shown} sent a placeholder in place of a made-up secret")


def _hooks(project: Path) -> dict[str, object]:
    """The guard's entries as they are installed, user settings first; other hooks and settings are left out."""
    for scope in ("user", "project"):
        path = settings.settings_path(scope, project)
        data = claude_install.read(path)
        entries = settings.own_entries(settings.parse(data, path)) if data else []
        if entries:
            matchers = settings.EVENTS
            groups = {event: [{"matcher": matchers.get(event) or "*", "hooks": [item]}] for event, item in entries}
            return {"hooks": groups}
    return {}  # managed settings apply by themselves


def _own_home(folder: str) -> str:
    """A throw-away state for the hook of the canary session, so that the person's journal holds no made-up events."""
    return str(Path(folder, "guard"))
