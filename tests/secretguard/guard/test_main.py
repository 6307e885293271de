"""The file that the client starts: the same answers as the function, and a refusal whatever is missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from secretguard.guard import main as entry
from tests.secretguard.guard.events import payload


def process(arguments: list[str], data: bytes, home: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", "-S", str(entry.__file__), *arguments]
    environment = {"HOME": str(home), "SECRETGUARD_HOME": str(home), "PATH": os.defpath}
    return subprocess.run(command, input=data, env=environment, capture_output=True, timeout=60, check=False)


LIBRARIES = sysconfig.get_path("platlib")


def test_the_process_answers_as_the_function_does(warm: Path, project: Path) -> None:
    """The installed form of the hook gives the same answer."""
    data = payload("PreToolUse", project, tool_name="Bash", tool_input={"command": "env"})
    done = process(["claude-code", LIBRARIES], data, warm)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny"


@pytest.mark.parametrize("arguments", [[], ["someone-else", LIBRARIES], ["claude-code", "/nowhere"]])
def test_a_process_that_cannot_start_refuses(warm: Path, project: Path, arguments: list[str]) -> None:
    """No client, an unknown client, no native module and no way to build: exit 2, empty stdout."""
    (warm / "cache").rename(warm / "gone")
    data = payload("PreToolUse", project, tool_name="Bash", tool_input={"command": "ls"})
    done = process(arguments, data, warm)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr


def test_a_flood_on_stdin_is_refused(warm: Path) -> None:
    """100 MB of input is not held in memory and ends in a refusal."""
    done = process(["claude-code", LIBRARIES], b"[" * (100 << 20), warm)
    assert (done.returncode, done.stdout) == (2, b"")


def test_a_program_that_is_half_gone_refuses(warm: Path, project: Path, tmp_path: Path) -> None:
    """The entry file without the rest of the program: exit 2, and no answer that could be taken for consent."""
    lonely = tmp_path / "secretguard" / "guard"
    lonely.mkdir(parents=True)
    shutil.copy(str(entry.__file__), lonely / "main.py")
    data = payload("PreToolUse", project, tool_name="Bash", tool_input={"command": "ls"})
    command = [sys.executable, "-I", "-S", str(lonely / "main.py"), "claude-code", "/nowhere"]
    done = subprocess.run(command, input=data, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"could not start" in done.stderr


def test_an_answer_that_nobody_takes_is_no_consent(warm: Path, project: Path) -> None:
    """A closed stdout ends in exit 2, not in an empty success."""
    data = payload("PreToolUse", project, tool_name="Bash", tool_input={"command": "env"})
    command = [sys.executable, "-I", "-S", str(entry.__file__), "claude-code", LIBRARIES]
    read, write = os.pipe()
    os.close(read)
    environment = {"HOME": str(warm), "SECRETGUARD_HOME": str(warm), "PATH": os.defpath}
    done = subprocess.run(
        command, input=data, stdout=write, stderr=subprocess.PIPE, env=environment, timeout=60, check=False
    )
    os.close(write)
    assert done.returncode == 2


def test_an_event_that_never_ends_is_refused(warm: Path) -> None:
    """The deadline counts while the event is read, too: nobody closes this one."""
    code = "from secretguard.guard import hook; hook.DEADLINE = 0.2; hook.main('claude-code')"
    reading, writing = os.pipe()
    environment = {"SECRETGUARD_HOME": str(warm), "PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        os.write(writing, b"{")
        done = subprocess.run(
            [sys.executable, "-c", code], stdin=reading, env=environment, capture_output=True, timeout=60, check=False
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert (done.returncode, done.stdout) == (2, b"")
