"""A resident process: its loop in a thread of this one where no event is decided, or a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secretguard.pack import open_engine
from secretguard.policy import compiled
from secretguard.policy.compiled import load
from secretguard.resident import start
from secretguard.resident import warm as rooms
from secretguard.resident.frame import Head
from secretguard.resident.server import Server

Answer = Callable[[Head, bytes], tuple[int, bytes]]


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with pack and policy table."""
    home = tmp_path_factory.mktemp("opened")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRETGUARD_HOME", str(home))
        open_engine()
        load()
    return home / "cache"


@pytest.fixture(autouse=True)
def warm(opened: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's own home, ready to answer."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(own_home / "claude"))
    monkeypatch.setattr(compiled, "tables", None)  # what a test opens is its own
    monkeypatch.setattr(rooms, "_kept", [])
    spawn = start._spawn
    monkeypatch.setattr(start, "_spawn", lambda: SPAWNED.append(spawn()))
    shutil.copytree(opened, own_home / "cache")
    return own_home


SPAWNED: list[int] = []
"""Processes that the tests started on demand and that were not seen to end."""


class Loop:
    """A server's loop in a thread, on a socket of its own."""

    def __init__(self, path: str, answer: Answer, idle: float) -> None:
        self.path = path
        self.ended = ""
        self.why = ""
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(512)
        self.reading, self.writing = os.pipe()
        self.server = Server(self.listener, answer, lambda: self.ended, idle)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        self.why = self.server.run(self.reading)

    def end(self) -> None:
        self.ended = "the test is over"
        os.write(self.writing, b".")
        self.thread.join(10)
        assert not self.thread.is_alive()
        self.listener.close()
        os.close(self.reading)
        os.close(self.writing)

    def connect(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(10)
        sock.connect(self.path)
        return sock


@pytest.fixture
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Loop]]:
    """`loop(answer, idle=60)` starts one; all end with the test."""
    made: list[Loop] = []

    def begin(answer: Answer, idle: float = 60.0) -> Loop:
        path = tmp_path_factory.mktemp("s") / "s"
        made.append(Loop(str(path), answer, idle))
        return made[-1]

    yield begin
    for one in made:
        one.end()


@pytest.fixture
def served(warm: Path) -> Iterator[str]:
    """The socket of a resident process of its own, which serves this test's home."""
    path = start.ensure()
    yield path
    until(nobody_serves)


def process(warm: Path) -> subprocess.Popen[bytes]:
    """One more resident process, as it is started on demand."""
    libraries = [path for path in sys.path if path.endswith("-packages")][:1]
    return subprocess.Popen([sys.executable, "-I", "-S", start.ENTRY, *libraries], env={**os.environ})


def nobody_serves() -> bool:
    """End the one that serves, and every one that was started and has not come so far; whether none is left."""
    start.stop()
    SPAWNED[:] = [pid for pid in SPAWNED if os.waitpid(pid, os.WNOHANG)[0] == 0]
    return not SPAWNED


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until `true()`; fail where that does not come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def kill(pid: object) -> None:
    """As nobody asks it."""
    os.kill(int(str(pid)), signal.SIGKILL)
