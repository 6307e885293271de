"""Linux's own ways, on a real kernel."""

from __future__ import annotations

import fcntl
import mmap
import os
import socket
import subprocess
import sys
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


def test_time_since_the_start_goes_on_and_the_start_has_a_name() -> None:
    """Two looks in one run of the machine: later, the same name."""
    first, name = linux.since_start()
    second, again = linux.since_start()
    assert 0 < first <= second
    assert name == again
    assert len(name) == 36


def test_environments_above_are_those_of_the_processes_that_started_this() -> None:
    """The nearest first: what a shell between was started with, though its child was given nothing."""
    script = "import os, sys; from secretguard.platforms.linux import environments_above as above\n"
    script += "print(any(b'MARK=1' in one.split(b'\\0') for one in above(os.getpid())), 'MARK' in os.environ)"
    command = ["sh", "-c", f'env -i PYTHONPATH={Path.cwd()} {sys.executable} -c "$1"; true', "sh", script]
    given = {**os.environ, "MARK": "1"}
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"


def test_no_process_has_none_above() -> None:
    """The first process, one that is gone, and one that cannot be."""
    assert list(linux.environments_above(1)) == []
    assert list(linux.environments_above(2**30)) == []
    assert list(linux.environments_above(-1)) == []
