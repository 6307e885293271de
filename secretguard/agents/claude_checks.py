"""What `secretguard doctor` looks at, one check a function: a good sign, a warning, or a fault with its fix."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secretguard.agents import (
    capability,
    claude_client,
    claude_install,
    claude_launcher,
    claude_layers,
    claude_plugins,
    claude_surfaces,
)
from secretguard.agents import claude_settings as settings
from secretguard.audit.verify import INTACT, UNANCHORED, verify
from secretguard.detect import made_up
from secretguard.errors import SecretguardError
from secretguard.guard import leftover
from secretguard.guard.settings import PLUGIN, SWITCHES
from secretguard.pack import open_engine
from secretguard.places import state_dir
from secretguard.policy.layers import in_force
from secretguard.policy.observe import observing, told
from secretguard.shell import shfmt
from secretguard.wrapper.launcher import VARIABLE, is_ours

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
        _leftover,
        lambda: _settings(project),
        lambda: _layers(project),
        _hook_process,
        lambda: _clients(client, project),
    )
    for check in checks:
        try:
            yield from check()
        except SecretguardError as error:
            yield Sign(FAULT, error.message, error.fix)


def guarded_scopes(project: Path) -> list[str]:
    """The scopes whose settings hold the guard's hooks for every event."""
    return [scope for scope in settings.SCOPES if _missing(scope, project) == []]


def _layers(project: Path) -> Iterator[Sign]:
    """Which layers beside the hooks are in force, of those that close what hooks cannot."""
    mine = _ours(project)
    if not mine:
        return
    if mine["env"]:
        yield Sign(GOOD, "the shell prefix is in force: what commands print is redacted, failing ones too")
    else:
        yield Sign(
            WARNING, "the shell prefix is not ours: what failing commands print goes out", "install without --no-shell"
        )
    if mine["enabledPlugins"].get(PLUGIN):
        yield Sign(GOOD, "the mod is in force: every request to the model is looked at")
        return
    path = settings.settings_path("user", project)
    denied = settings.parse(claude_install.read(path) or b"", path).get("permissions", {})
    rules = denied.get("deny") if isinstance(denied, dict) else None
    if isinstance(rules, list) and all(rule in rules for rule in claude_layers.DENY):
        yield Sign(GOOD, "denied reads are in force: .env-class files are not read, redacted or not; no mod")
    else:
        yield Sign(GOOD, "neither the mod nor denied reads of .env files: mentions and includes are the hooks' alone")


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


def _leftover() -> Iterator[Sign]:
    """Files that an agent wrote and whose secrets are not back."""
    for one in leftover.left():
        back = "start a session of the client, or `secretguard uninstall claude-code` says what is in the way"
        yield Sign(WARNING, f"{one.path} may have a placeholder where its secret was; a copy is in {one.copy}", back)


def _missing(scope: str, project: Path) -> list[str] | None:
    """Events without our hook in `scope`; None where there are no settings or none of our hooks."""
    path = settings.settings_path(scope, project)
    data = claude_install.read(path)
    if data is None:
        return None
    parsed = settings.parse(data, path)
    if not settings.own_entries(parsed):
        return None
    launcher, versions = claude_launcher.launcher_path(scope), claude_client.versions()
    return settings.missing_events(parsed, launcher, versions[0] if versions else None)


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
        environment = parsed.get("env")
        prefix = environment.get(VARIABLE) if isinstance(environment, dict) else None
        if prefix is not None and not is_ours(prefix):
            left = "what failing commands print may go out"
            yield Sign(WARNING, f"{path} sets a {VARIABLE} that is not ours: {left}", f"take {VARIABLE} out of it")
        for other in settings.other_entries(parsed, "PostToolUse"):
            name = str(other.get("command") or other.get("url") or other.get("type"))[:80]
            yield Sign(
                WARNING,
                f"{path}: another PostToolUse hook ({name}); if it rewrites results, the last to finish wins",
                "let only one hook rewrite results, or install with --scope managed, which runs last",
            )
    yield from _plugins(project, local)


def _plugins(project: Path, local: Path) -> Iterator[Sign]:
    """Plugins of others that see or change results, or requests to the model."""
    user, shared, managed = (settings.settings_path(scope, project) for scope in settings.SCOPES)
    read = [settings.parse(claude_install.read(path) or b"", path) for path in (user, shared, local, managed)]
    for one in claude_plugins.plugins(settings.settings_path("user", project).parent, read, PLUGIN):
        if one.unread:
            yield Sign(WARNING, f"{one.unread} cannot be read, so what this plugin hooks is not known")
        for has, what in ((one.hooks, "a PostToolUse hook"), (one.mods, "a mod")):
            if has:
                yield Sign(
                    WARNING,
                    f"the plugin {one.name} has {what}; if it rewrites results, the last to finish wins",
                    f"look at what it does, or `claude plugin disable {one.name}`",
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


def _clients(client: Path | None, project: Path) -> Iterator[Sign]:
    """Made-up secrets through every client on this machine, on each surface: nothing leaves it."""
    found = [client] if client else claude_client.every()
    if not found:
        yield Sign(
            WARNING, "Claude Code was not found, so nothing could be proved with it", "name it with --client PATH"
        )
    for each in found:
        yield from _client(each, project)


def _client(client: Path, project: Path) -> Iterator[Sign]:
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
    for surface in claude_surfaces.SURFACES:
        try:
            yield _through(client, shown, surface, project)
        except SecretguardError as error:
            yield Sign(FAULT, f"Claude Code {shown}, {surface}: {error.message}", error.fix)


def _through(client: Path, shown: str, surface: str, project: Path) -> Sign:
    """What made-up secrets did on one surface of the real client."""
    proof = claude_surfaces.prove(client, surface, _ours(project))
    where = f"Claude Code {shown}, {surface}"
    if "read" in proof.left:
        return Sign(FAULT, f"{where}: not protected, it sent a made-up secret", "see the faults above")
    if proof.left:
        open_now = " and ".join(claude_surfaces.CHANNELS[name] for name in proof.left)
        return Sign(WARNING, f"{where}: partly protected, because {open_now} goes out", "install the shell prefix")
    if set(proof.held) != set(claude_surfaces.CHANNELS):
        return Sign(FAULT, f"{where}: it did not get as far as reading a file", "start it once by hand")
    return Sign(GOOD, f"{where}: protected, it sent a placeholder in place of a made-up secret")


def _ours(project: Path) -> dict[str, Any]:
    """What is ours in the settings, user's first; other hooks and settings are left out."""
    for scope in ("user", "project"):
        path = settings.settings_path(scope, project)
        parsed = settings.parse(claude_install.read(path) or b"", path)
        entries = settings.own_entries(parsed)
        if entries:
            groups = {event: [{"matcher": settings.EVENTS.get(event) or "*", "hooks": [e]}] for event, e in entries}
            market, plugin = claude_layers.MARKETPLACE, PLUGIN
            mine: dict[str, Any] = {"hooks": groups}
            for key, names in (
                ("env", [VARIABLE]), ("extraKnownMarketplaces", [market]), ("enabledPlugins", [plugin])
            ):  # fmt: skip
                there = parsed.get(key)
                mine[key] = {name: there[name] for name in names if name in there} if isinstance(there, dict) else {}
            if not is_ours(mine["env"].get(VARIABLE)):
                mine["env"] = {}
            return mine
    return {}  # managed settings apply by themselves
