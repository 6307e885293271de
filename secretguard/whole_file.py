"""A file that is replaced whole or not at all: whoever reads it finds what was there or what is there now."""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 1 << 30
"""Bytes of one write; Linux takes a little less than 2 GiB at once."""


def replace(
    path: str,
    data: bytes,
    *,
    mode: int | None = 0o600,
    durable: bool = False,
    fresh: str = "",
    ready: Callable[[int], None] | None = None,
) -> None:
    """Put `data` in the place of what is at `path`. Nothing is left behind where that fails. Raises OSError.

    `mode` is what the file has then; None leaves it what it was, or what the umask gives a new one. With `durable` the
    data are on the disk before they take their place. `fresh` is the name under which they wait, for a place where
    nobody else writes (a lock is held): what a killed run left there is written over. Else each write has its own.
    `ready` is called with the open file when all is in it and before it takes its place; what it raises stops that.
    """
    how = os.O_TRUNC if fresh else os.O_EXCL
    fresh = fresh or f"{path}.{os.urandom(8).hex()}.new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | how
    fd = os.open(fresh, flags, 0o666 if mode is None else mode)
    try:
        try:
            _set_mode(fd, path, mode)
            for at in range(0, len(data), _MOST):
                _write(fd, data[at : at + _MOST])
            if ready is not None:
                ready(fd)
            if durable:
                os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(fresh, path)
    except BaseException:
        _unlink(fresh)
        raise


def _set_mode(fd: int, path: str, mode: int | None) -> None:
    if mode is None:
        try:
            mode = os.stat(path).st_mode & 0o777
        except FileNotFoundError:
            return
    os.fchmod(fd, mode)  # not what the umask leaves of it, nor what a killed run gave the file


def _write(fd: int, data: bytes) -> None:
    if os.write(fd, data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
