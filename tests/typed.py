"""A command as a person types it: in the foreground of a terminal of its own."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from secretguard import person

ROOT = Path(__file__).resolve().parents[1]
DEADLINE = 60.0


def typed(arguments: list[str], cwd: Path, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Exit status and all that `secretguard ARGUMENTS` showed on its terminal, line ends as `\\n`."""
    return in_terminal([sys.executable, "-m", "secretguard", *arguments], cwd, environment)


def _skip_where_an_agent_runs_this() -> None:
    """These tests need a person's terminal; an agent's client that runs the tests is rightly taken for one."""
    if reason := person.marked():
        pytest.skip(f"run by an agent: {reason}")


def in_terminal(command: list[str], cwd: Path, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """The same for any command."""
    _skip_where_an_agent_runs_this()
    master, slave = pty.openpty()
    given = {
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        **(os.environ if environment is None else environment),
    }
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command], cwd=cwd, env=given, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    shown, end = b"", time.monotonic() + DEADLINE
    try:
        while time.monotonic() < end:
            if not select.select([master], [], [], 0.5)[0]:
                continue
            try:
                piece = os.read(master, 65536)
            except OSError:  # Linux: the last holder of the other side is gone
                break
            if not piece:
                break
            shown += piece
        return process.wait(max(1.0, end - time.monotonic())), shown.decode("utf-8", "replace").replace("\r\n", "\n")
    finally:
        process.kill()
        process.wait()
        os.close(master)
