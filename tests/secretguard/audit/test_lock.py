from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretguard.audit import lock as locks
from secretguard.audit.lock import lock
from tests.secretguard.audit.journals import ROOT


class Late(Exception):
    """The deadline of whoever called."""


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    """An open file to lock."""
    fd = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    yield fd
    os.close(fd)


@pytest.fixture
def held(tmp_path: Path, file: int) -> Iterator[int]:
    """The same file, locked by another open file."""
    assert file
    fd = os.open(tmp_path / "lock", os.O_RDWR)
    fcntl.flock(fd, fcntl.LOCK_EX)
    yield fd
    os.close(fd)


@pytest.fixture(autouse=True)
def timer() -> Iterator[None]:
    """No test leaves a timer or a handler behind."""
    before, left = signal.getsignal(signal.SIGALRM), signal.setitimer(signal.ITIMER_REAL, 0)
    yield
    signal.signal(signal.SIGALRM, before)
    signal.setitimer(signal.ITIMER_REAL, *left)


def test_a_free_lock_is_taken_at_once(file: int) -> None:
    """No timer is set for it."""
    assert lock(file, 1.0)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_held_lock_is_given_up_after_the_deadline(file: int, held: int) -> None:
    """And the process's timer and handler are what they were."""
    before = signal.getsignal(signal.SIGALRM)
    assert not lock(file, 0.05)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
    fcntl.flock(held, fcntl.LOCK_UN)
    assert lock(file, 0.05)


def test_a_lock_that_becomes_free_is_taken(file: int, held: int) -> None:
    """The waiter is woken."""
    threading.Timer(0.05, fcntl.flock, (held, fcntl.LOCK_UN)).start()
    assert lock(file, 30.0)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_callers_own_deadline_goes_on(file: int, held: int) -> None:
    """What is left of it is set again, with its own handler."""

    def late(number: int, frame: object) -> None:
        raise Late

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 60.0)
    assert not lock(file, 0.05)
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    assert 0 < left < 60.0
    assert signal.getsignal(signal.SIGALRM) is late
    assert held


def test_the_callers_deadline_is_not_outwaited(file: int, held: int) -> None:
    """When it comes first the caller hears of it, at once."""

    def late(number: int, frame: object) -> None:
        raise Late

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    with pytest.raises(Late):
        lock(file, 3600.0)
    assert held


def test_a_thread_waits_and_gives_up_too(file: int, held: int) -> None:
    """Only the main thread can have a handler; others look again and again, until the deadline."""
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(lock(file, 0.05)))
    thread.start()
    thread.join(30)
    fcntl.flock(held, fcntl.LOCK_UN)
    other = threading.Thread(target=lambda: answers.append(lock(file, 30.0)))
    other.start()
    other.join(30)
    assert answers == [False, True]


def test_a_signal_before_the_wait_began_does_not_make_it_endless(
    file: int, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The timer fires again: one that fires between its start and the call interrupts nothing."""
    flock = fcntl.flock

    def swallowed(fd: int, how: int) -> None:
        if how == fcntl.LOCK_EX:
            waiting = signal.getsignal(signal.SIGALRM)
            signal.signal(signal.SIGALRM, lambda *_: None)
            time.sleep(0.02)  # the first one is lost here
            signal.signal(signal.SIGALRM, waiting)
        flock(fd, how)

    monkeypatch.setattr(locks.fcntl, "flock", swallowed)
    assert not lock(file, 0.01)
    assert held


def test_a_closed_file_is_an_error_and_leaves_no_timer(tmp_path: Path) -> None:
    """The caller hears of it."""
    fd = os.open(tmp_path / "x", os.O_RDWR | os.O_CREAT)
    os.close(fd)
    with pytest.raises(OSError, match="Bad file descriptor"):
        lock(fd, 0.05)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


WAITER = """
import os, sys
sys.path.insert(0, {root!r})
from secretguard.audit.lock import lock
fd = os.open({path!r}, os.O_RDWR)
print("waiting", flush=True)
print(lock(fd, 60.0), flush=True)
"""


def test_every_waiter_gets_the_lock(tmp_path: Path, held: int) -> None:
    """Eight processes wait; as each lets go, another has it, until all did."""
    command = [sys.executable, "-I", "-S", "-c", WAITER.format(root=ROOT, path=str(tmp_path / "lock"))]
    waiters = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    for waiter in waiters:
        assert waiter.stdout is not None
        waiter.stdout.readline()
    fcntl.flock(held, fcntl.LOCK_UN)
    assert [waiter.communicate(timeout=60)[0] for waiter in waiters] == ["True\n"] * 8
