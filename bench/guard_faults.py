"""The installed guard when something below it is broken: is each event still answered so that nothing passes?

Two events a fault, through the launcher that the client's settings name: a command before it runs, and a file's text
after it was read. What counts is what Claude Code 2.1.330 would do with the answer (`guard_malformed.leaks`). A hook
that does not answer in time holds a tool back (`onFailure`), and holds nothing back that was already read.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from bench.guard_malformed import BEFORE, RESULTS, Case, event, leaks
from bench.needs import Needs
from secretguard.agents import claude_settings
from secretguard.agents.claude_launcher import launcher_path, write_launcher
from secretguard.guard.hook import HOST_TIMEOUT
from secretguard.wrapper.watch import below

_EVENTS = (
    ("PreToolUse", "Bash", event("PreToolUse", "Bash", given=BEFORE["Bash"], tool_use_id="t")),
    ("PostToolUse", "Read", event("PostToolUse", "Read", tool_response=RESULTS["Read"], tool_use_id="t")),
)
_SILENT = (1, b"")
"""What the client makes of a hook that did not answer."""

Answer = tuple[int, bytes]
Fault = Callable[[Path, bytes], Answer]


def answered(folder: Path) -> tuple[list[str], int]:
    """(faults under which something would pass, each with its event; number of events). Raises Needs."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        raise Needs("mount namespaces of a user's own")
    passed = []
    for name, fault in FAULTS.items():
        for case in _EVENTS:
            home = folder / f"{name.replace(' ', '-')}-{case[0]}"
            home.mkdir(mode=0o700)
            with mock.patch.dict(os.environ, SECRETGUARD_HOME=str(home)):
                write_launcher("user", str(home / "records"))
                _plain(home, case[2])  # pack, policy table and journal are there
                if _passes(case, fault(home, case[2])):
                    passed.append(f"{name}, {case[0]}")
    return passed, len(FAULTS) * len(_EVENTS)


def _passes(case: Case, answer: Answer) -> bool:
    name, _, _ = case
    if answer == _SILENT:
        return name == "PostToolUse"  # before a tool `onFailure` holds it back
    return leaks(case, answer)


def _command(payload: bytes) -> list[str]:
    """The launcher as the settings start it for this event."""
    how = claude_settings.entry(launcher_path("user"), json.loads(payload)["hook_event_name"])
    return [how["command"], *how["args"]]


def _plain(home: Path, payload: bytes, *before: str) -> Answer:
    """The launcher, after `before` in a mount namespace of its own if there is any."""
    command = _command(payload)
    if before:
        script = " && ".join([*before, shlex.join(["exec", *command])])
        command = ["unshare", "-rm", "sh", "-c", script]
    environment = {"HOME": str(home), "SECRETGUARD_HOME": str(home), "PATH": os.defpath}
    try:
        done = subprocess.run(
            command, input=payload, env=environment, capture_output=True, check=False, timeout=HOST_TIMEOUT
        )
    except subprocess.TimeoutExpired:
        return _SILENT
    return done.returncode, done.stdout


def _signalled(number: int) -> Fault:
    """The hook's process gets a signal while it waits to make its record."""

    def fault(home: Path, payload: bytes) -> Answer:
        environment = {"HOME": str(home), "SECRETGUARD_HOME": str(home), "PATH": os.defpath}
        with (home / "state" / "audit" / "journal.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with subprocess.Popen(
                _command(payload), env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, start_new_session=True,
            ) as process:  # fmt: skip
                assert process.stdin is not None
                process.stdin.write(payload)
                process.stdin.close()
                process.stdin = None
                os.kill(_python_below(process.pid), number)
                fcntl.flock(lock, fcntl.LOCK_UN)
                try:
                    said, _ = process.communicate(timeout=HOST_TIMEOUT)
                    return process.returncode, said
                except subprocess.TimeoutExpired:
                    return _SILENT
                finally:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)

    return fault


def _python_below(pid: int) -> int:
    """The Python that the launcher `pid` started, once it is there."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        for child in below(pid):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{child}/exe") == os.path.realpath(sys.executable):
                    return child
    raise AssertionError("the launcher started no Python; the figure would mean nothing")


def _read_only(home: Path, payload: bytes) -> Answer:
    place = shlex.quote(str(home / "state"))
    return _plain(home, payload, f"mount --bind {place} {place}", f"mount -o remount,bind,ro {place}")


def _full(home: Path, payload: bytes) -> Answer:
    place, kept = shlex.quote(str(home / "state")), shlex.quote(str(home / "kept"))
    fill = f"(dd if=/dev/zero of={place}/full bs=4k 2>/dev/null; true)"
    mounted = f"mount -t tmpfs -o size=256k,mode=700 tmpfs {place}"
    return _plain(home, payload, f"cp -a {place} {kept}", mounted, f"cp -a {kept}/. {place}/", fill)


def _damaged_pack(home: Path, payload: bytes) -> Answer:
    for pack in (home / "cache" / "pack").glob("*.pack"):
        pack.write_bytes(pack.read_bytes()[:-4096] + bytes(4096))
    return _plain(home, payload)


def _no_policy(home: Path, payload: bytes) -> Answer:
    for table in (home / "cache").glob("policy*"):
        table.unlink()
    return _plain(home, payload)


def _broken_policy(home: Path, payload: bytes) -> Answer:
    folder = home / "config" / "policy"
    folder.mkdir(parents=True)
    (folder / "rules.cedar").write_text("forbid (principal;\n")
    return _plain(home, payload)


def _no_interpreter(home: Path, payload: bytes) -> Answer:
    launcher = launcher_path("user")
    launcher.write_text(launcher.read_text().replace(sys.executable, "/gone/python"))
    return _plain(home, payload)


FAULTS: dict[str, Fault] = {
    "process killed": _signalled(signal.SIGKILL),
    "process stopped": _signalled(signal.SIGSTOP),
    "state folder read-only": _read_only,
    "disk full": _full,
    "pack damaged": _damaged_pack,
    "policy missing": _no_policy,
    "policy broken": _broken_policy,
    "interpreter deleted": _no_interpreter,
}
