"""Linux's own ways, on a real kernel."""

from __future__ import annotations

import fcntl
import mmap
import os
import socket
from pathlib import Path

import pytest

from secretguard.platforms import linux


def test_peer_is_the_kernels_word() -> None:
    """Both ends of a pair made by this process are this process."""
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert linux.peer(one) == (os.getpid(), os.getuid(), os.getgid())


def test_peer_names_the_process_that_connected(tmp_path: Path) -> None:
    """A child that connects is seen with its own number, not with that of whoever listens."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen(1)
        child = os.fork()
        if child == 0:
            with socket.socket(socket.AF_UNIX) as connecting:
                connecting.connect(str(tmp_path / "s"))
                connecting.recv(1)
            os._exit(0)
        accepted, _ = listening.accept()
        with accepted:
            assert linux.peer(accepted)[0] == child
        os.waitpid(child, 0)


def test_sync_says_when_it_cannot(tmp_path: Path) -> None:
    """A file is synced without a word; a closed descriptor is an OSError, not silence."""
    with open(tmp_path / "f", "wb") as file:
        file.write(b"x")
        file.flush()
        linux.sync_data(file.fileno())
        number = file.fileno()
    with pytest.raises(OSError):
        linux.sync_data(number)


def test_mapped_grows_with_what_is_taken() -> None:
    """Address space that is taken is counted."""
    before = linux.mapped()
    taken = mmap.mmap(-1, 64 << 20)
    assert linux.mapped() - before >= 64 << 20
    taken.close()


def test_a_pipe_holds_more() -> None:
    """A MiB goes into a widened pipe without a reader; what is no pipe is left as it is."""

    reading, writing = os.pipe()
    linux.widen(reading)
    assert fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ) == 1 << 20
    os.close(reading)
    os.close(writing)
    with open(os.devnull, "rb") as file:
        linux.widen(file.fileno())
