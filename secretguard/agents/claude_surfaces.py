"""Each way in which people start Claude Code, tried with made-up secrets: what of them would leave this machine.

The client is the real one, in a throw-away home with what is ours of the installed settings; its API is on a loopback
port and calls no model. The guard's state is thrown away as well, so that no made-up event is in a person's record;
its policy and its compiled rules are those in force.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import shlex
import signal
import struct
import subprocess
import tempfile
import termios
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secretguard.agents import claude_client, claude_layers
from secretguard.agents.claude_launcher import launcher_path, pins
from secretguard.agents.claude_removal import LAUNCHER, ours
from secretguard.agents.loopback_api import LoopbackApi, tool_results, use
from secretguard.detect import made_up
from secretguard.errors import SecretguardError
from secretguard.places import cache_dir, config_dir
from secretguard.wrapper import launcher as shell

TERMINAL, HEADLESS, STREAM = "terminal", "-p", "stream-json (editors, the desktop app)"
SURFACES = (TERMINAL, HEADLESS, STREAM)
SECONDS = 60.0
"""How long one session may take."""

CHANNELS = {
    "read": "a file that is read",
    "command": "what a command prints",
    "failing": "what a failing command prints",
}
"""What is tried on each surface, and how it is called."""
_PROMPT = "read the files"
_QUESTIONS = {b"\x1b[6n": b"\x1b[1;1R", b"\x1b[c": b"\x1b[?62c"}


@dataclass(frozen=True)
class Proof:
    """What one surface did: the channels whose secret left, and those where the model saw a placeholder instead."""

    left: tuple[str, ...]
    held: tuple[str, ...]


def prove(client: Path, surface: str, settings: dict[str, Any]) -> Proof:
    """One session of `client`, started as `surface`, with `settings` as its user's. Raises SecretguardError on a
    timeout."""
    # A look at the files of the canary's session may still be at work when its folders go.
    with tempfile.TemporaryDirectory(prefix="secretguard-doctor-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        home, work, state = root / "home", root / "work", root / "guard"
        for made in (home / ".claude", work, state):
            made.mkdir(mode=0o700, parents=True)
        for name, real in (("cache", cache_dir()), ("config", config_dir())):
            if os.path.isdir(real):
                (state / name).symlink_to(real)
        canaries = _plant(work)
        (home / ".claude" / "settings.json").write_text(json.dumps(_elsewhere(settings, root / "programs", state)))
        with LoopbackApi(_turns(work)) as api:
            environment = claude_client.environment(home, api.url, {"SECRETGUARD_HOME": str(state)})
            _STARTS[surface](client, work, environment, api)
        shown = [text for _, text in sorted(tool_results(api.bodies).values())]
        left = tuple(name for name, canary in canaries.items() if api.sent(canary))
        held = tuple(name for name in canaries if any(f"{name.upper()}=[[secret:" in text for text in shown))
        return Proof(left, held)


def _plant(work: Path) -> dict[str, str]:
    """A file with a made-up secret for each channel: channel → secret."""
    canaries = {name: made_up.github("ghp_", name) for name in CHANNELS}
    for name, canary in canaries.items():
        (work / f"{name}.txt").write_text(f"neutral\n{name.upper()}={canary}\n")
    return canaries


def _turns(work: Path) -> list[list[dict[str, Any]]]:
    return [
        [use("Read", file_path=str(work / "read.txt"))],
        [use("Bash", command=f"cat {work}/command.txt", description="show")],
        [use("Bash", command=f"cat {work}/failing.txt; exit 3", description="show")],
    ]


def _elsewhere(settings: dict[str, Any], programs: Path, state: Path) -> dict[str, Any]:
    """`settings` with our programs replaced by copies that keep their state in `state`."""
    programs.mkdir(mode=0o700)
    home = f"SECRETGUARD_HOME={shlex.quote(str(state))}; export SECRETGUARD_HOME\n"
    copies = {}
    for scope in ("managed", "user"):
        for path in (launcher_path(scope), claude_layers.shell_launcher(scope)):
            if path.exists():
                text = path.read_text()
                lines = text.replace(pins(scope), "").splitlines(keepends=True)
                kept = [line for line in lines if not line.startswith("SECRETGUARD_HOME=")]
                copies[path.name] = programs / path.name
                copies[path.name].write_text("".join([kept[0], home, *kept[1:]]))
                copies[path.name].chmod(0o700)
    changed = json.loads(json.dumps(settings))
    for groups in changed.get("hooks", {}).values():
        for item in (item for group in groups for item in group["hooks"] if ours(item)):
            _start_copy(item, copies)
    environment = changed.get("env", {})
    if shell.is_ours(environment.get(shell.VARIABLE)) and shell.NAME in copies:
        environment[shell.VARIABLE] = str(copies[shell.NAME])
    if claude_layers.MARKETPLACE in changed.get("extraKnownMarketplaces", {}):
        folder = programs / "marketplace"
        claude_layers.write_market(folder, copies.get(LAUNCHER, programs / LAUNCHER))
        changed["extraKnownMarketplaces"][claude_layers.MARKETPLACE]["source"]["path"] = str(folder)
    return dict(changed)


def _start_copy(item: dict[str, Any], copies: dict[str, Path]) -> None:
    words = [item["command"]] if "args" in item else shlex.split(item["command"])
    copy = copies.get(Path(words[0]).name)
    if copy is not None:
        item["command"] = str(copy) if "args" in item else shlex.join([str(copy), *words[1:]])


def _headless(client: Path, work: Path, environment: dict[str, str], _api: LoopbackApi) -> None:
    claude_client.run(client, _PROMPT, work, environment, timeout=SECONDS)


def _stream(client: Path, work: Path, environment: dict[str, str], _api: LoopbackApi) -> None:
    """As editors and the desktop app do it: messages as lines of JSON on its input and output."""
    form = ["--input-format", "stream-json", "--output-format", "stream-json", "--verbose"]
    message = {"type": "user", "message": {"role": "user", "content": _PROMPT}}
    command = [str(client), "-p", *form, "--permission-mode", "bypassPermissions"]
    try:
        subprocess.run(
            command, cwd=work, env=environment, input=json.dumps(message).encode() + b"\n", capture_output=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise SecretguardError(f"the client did not end within {SECONDS:.0f} s") from None


def _terminal(client: Path, work: Path, environment: dict[str, str], api: LoopbackApi) -> None:
    """In a terminal of its own, until each call is answered; what it asks a new user is answered beforehand."""
    known = {
        "hasCompletedOnboarding": True, "theme": "dark", "numStartups": 5, "bypassPermissionsModeAccepted": True,
        "customApiKeyResponses": {"approved": [claude_client.MADE_UP_KEY[-20:]], "rejected": []},
        "projects": {str(work): {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}},
    }  # fmt: skip
    Path(environment["CLAUDE_CONFIG_DIR"], ".claude.json").write_text(json.dumps(known))
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    process = subprocess.Popen(
        [str(client), "--permission-mode", "bypassPermissions", _PROMPT], cwd=work,
        env={**environment, "TERM": "xterm-256color"}, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    end = time.monotonic() + SECONDS
    try:
        while len(tool_results(api.bodies)) < len(CHANNELS):
            if time.monotonic() > end or process.poll() is not None:
                raise SecretguardError("the client did not get to its calls in a terminal", "start it once by hand")
            _answer(master)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        os.close(master)


def _answer(master: int) -> None:
    """Read what the client draws, for at most half a second, and answer what it asks of its terminal."""
    if not select.select([master], [], [], 0.5)[0]:
        return
    with contextlib.suppress(OSError):
        drawn = os.read(master, 65536)
        for question, said in _QUESTIONS.items():
            if question in drawn:
                os.write(master, said)


_STARTS = {TERMINAL: _terminal, HEADLESS: _headless, STREAM: _stream}
