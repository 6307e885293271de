"""Processes end in time, with all that they started."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from secretguard.errors import GuardError
from secretguard.fleet import processes


def start(script: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE, process_group=0)


def gone(pid: int) -> bool:
    """Whether a process has ended, or waits for nothing but its parent's notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_for(path: Path) -> int:
    for _ in range(2000):
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.01)
    raise AssertionError(f"{path} never came")


def test_status_and_input(tmp_path: Path) -> None:
    """It is told its input and its status comes back."""
    processes.go()
    assert processes.finished(lambda: start(f"cat > {tmp_path}/in; exit 3"), 60, "x", b"hello") == 3
    assert (tmp_path / "in").read_text() == "hello"


def test_a_deadline_ends_the_whole_group(tmp_path: Path) -> None:
    """What the process started ends with it."""
    processes.go()
    with pytest.raises(GuardError, match="the nap took longer"):
        processes.finished(lambda: start(f"sleep 300 & echo $! > {tmp_path}/pid; wait"), 1, "the nap")
    pid = wait_for(tmp_path / "pid")
    for _ in range(500):
        if gone(pid):
            return
        time.sleep(0.01)
    raise AssertionError("it sleeps on")


def test_stopping_ends_what_runs_and_lets_none_begin(tmp_path: Path) -> None:
    """After `stop` a waiting thread gets an error, and so does the next one."""
    processes.go()
    raised: list[BaseException] = []

    def work() -> None:
        try:
            processes.finished(lambda: start(f"echo $$ > {tmp_path}/pid; exec sleep 300"), 200, "x")
        except GuardError as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    pid = wait_for(tmp_path / "pid")
    processes.stop()
    thread.join(60)
    assert raised
    assert gone(pid)
    with pytest.raises(GuardError):
        processes.finished(lambda: start(f"touch {tmp_path}/began"), 60, "x")
    assert not (tmp_path / "began").exists()
    processes.go()
    assert os.getpid() != pid
