"""The watcher: what it ends, and that it goes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from secretguard.wrapper.watch import Watcher, below
from tests.secretguard.wrapper.started import running, until


def test_all_that_descends_is_found() -> None:
    """A process, its children and theirs, and nobody else."""
    with subprocess.Popen(["sh", "-c", "sh -c 'sleep 60 & echo $!; wait' & wait"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        inner = int(process.stdout.readline())
        found = below(process.pid)
        assert found[0] == process.pid
        assert inner in found
        assert os.getpid() not in found
        for pid in found:
            os.kill(pid, 9)
    assert until(lambda: not running(inner))


def test_a_dismissed_watcher_is_gone_and_ended_nothing() -> None:
    """After the program's own end nothing of it stays, and nobody is harmed."""
    with subprocess.Popen(["sleep", "60"]) as process:
        watcher = Watcher()
        watcher.over(process.pid)
        watcher.dismiss()
        assert process.poll() is None
        process.kill()
    with pytest.raises(ChildProcessError):
        os.waitpid(watcher._pid, os.WNOHANG)


DYING = """
import os, sys
from secretguard.wrapper.watch import Watcher
watcher = Watcher()
if len(sys.argv) > 1:
    watcher.over(int(sys.argv[1]))
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("watched", [True, False])
def test_it_ends_what_it_watched_over_when_its_own_process_is_killed(watched: bool) -> None:
    """Only that: where nothing had been started yet, nothing is ended."""
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as process:
        words = [sys.executable, "-c", DYING, *([str(process.pid)] if watched else [])]
        assert subprocess.run(words, timeout=60, check=False, stdout=subprocess.PIPE).returncode == -9
        if watched:
            assert process.wait(20) == -9
        assert process.poll() == (-9 if watched else None)
        process.kill()
