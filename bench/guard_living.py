"""From a person's `secretguard accept TAG` to the read that is clear: real processes, a real terminal, a fresh home."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from secretguard.guard import main as entry

ROUNDS = 7
ROOT = Path(__file__).resolve().parents[1]


def accept_to_clear(folder: Path) -> list[float]:
    """Seconds of each round, with a value of its own: the command in a terminal, and the hook on the next read."""
    found = []
    for number in range(ROUNDS + 1):
        secret = "ghp_" + f"Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6Fg1Aj{number:03d}K"
        before = _read(secret, folder)
        tag = before.partition("secretguard accept ")[2][:10]
        if secret in before or len(tag) != 10:
            raise AssertionError("nothing was redacted; the figure would mean nothing")
        start = time.perf_counter()
        _accept(tag, folder)
        after = _read(secret, folder)
        found.append(time.perf_counter() - start)
        if after:
            raise AssertionError("the next read was not clear; the figure would mean nothing")
    return found[1:]  # the first one builds pack and policy table


def _read(secret: str, folder: Path) -> str:
    """What the hook answers to a Read whose result holds `secret`, as one session of the client."""
    file = {
        "filePath": "/srv/app.py",
        "content": f"TOKEN = '{secret}'\n",
        "numLines": 1,
        "startLine": 1,
        "totalLines": 1,
    }
    event = {
        "session_id": "bench", "cwd": str(folder), "hook_event_name": "PostToolUse", "tool_name": "Read",
        "tool_input": {"file_path": "/srv/app.py"}, "tool_response": {"type": "text", "file": file},
    }  # fmt: skip
    hook = [sys.executable, "-I", "-S", str(entry.__file__), "claude-code", sysconfig.get_path("platlib")]
    given = json.dumps(event).encode()
    done = subprocess.run(hook, input=given, env=_environment(folder), capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


def _accept(tag: str, folder: Path) -> None:
    """The command, in the foreground of a terminal of its own. Raises AssertionError where it fails."""
    master, slave = pty.openpty()
    command = ["setsid", "--ctty", "--wait", sys.executable, "-m", "secretguard", "accept", tag, "--by", "bench"]
    environment = {**_environment(folder), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    try:
        while select.select([master], [], [], 60)[0]:
            try:
                if not os.read(master, 65536):
                    break
            except OSError:  # Linux: the last holder of the other side is gone
                break
        if process.wait(60):
            raise AssertionError("the value was not accepted; the figure would mean nothing")
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _environment(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder), "SECRETGUARD_HOME": str(folder / "living"), "PATH": os.defpath}
