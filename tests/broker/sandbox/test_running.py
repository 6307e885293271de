"""Finding and ending what is below a process."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from broker.sandbox.running import clear_descendants, descendants, is_below, kill_all

TREE = """
import os, subprocess, sys, time
subprocess.Popen(["sleep", "300"])
subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 300 & sleep 300"], start_new_session=True)
print("ready", flush=True)
time.sleep(300)
"""


def tree() -> subprocess.Popen[bytes]:
    """A process with four others below it, in two sessions."""
    process = subprocess.Popen([sys.executable, "-I", "-S", "-c", TREE], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    ends_at = time.monotonic() + 20
    while len(descendants(process.pid)) < 4 and time.monotonic() < ends_at:
        time.sleep(0.02)
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    clear_descendants(process.pid, 10)
    process.kill()
    process.communicate()


def test_descendants_are_all_generations() -> None:
    """Children and theirs, whatever session they are in; not the process itself."""
    process = tree()
    try:
        found = descendants(process.pid)
        assert len(found) == 4
        assert process.pid not in found
        assert os.getpid() not in found
    finally:
        end(process)


def test_everything_below_is_ended_but_what_is_spared() -> None:
    """clear_descendants says so when nothing is left; a spared process lives on."""
    process = tree()
    try:
        first = descendants(process.pid)[0]
        assert clear_descendants(process.pid, 10, spare=frozenset({first}))
        assert descendants(process.pid) == [first]
        assert clear_descendants(process.pid, 10)
        assert descendants(process.pid) == []
    finally:
        end(process)


def test_a_process_that_is_gone_is_no_error() -> None:
    """Numbers without a process are passed over."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    kill_all([gone.pid, 2**22 - 1])
    assert descendants(gone.pid) == []


def test_who_is_below_whom() -> None:
    """Children and grandchildren are; the process itself, its ancestors and processes that are gone are not."""
    process = tree()
    try:
        assert is_below(process.pid, os.getpid())
        assert all(is_below(pid, process.pid) and is_below(pid, os.getpid()) for pid in descendants(process.pid))
        assert not is_below(os.getpid(), os.getpid())
        assert not is_below(os.getppid(), os.getpid())
        assert not is_below(os.getpid(), process.pid)
        assert not is_below(2**22 - 1, os.getpid())
    finally:
        end(process)
