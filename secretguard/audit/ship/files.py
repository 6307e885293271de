"""Batches into a file, or into a stream."""

from __future__ import annotations

import os
from collections.abc import Callable

from secretguard.audit.ship.batch import Batch
from secretguard.audit.ship.cursor import Cursor
from secretguard.audit.ship.sink import NotTaken
from secretguard.errors import ConfigError


class StreamSink:
    """Hands whole lines to `write`, which returns when they are handed over."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def send(self, batch: Batch, cursor: Cursor) -> tuple[int, int]:
        """(0, 0): a stream has no place to go back to. Raises what `write` raises."""
        del cursor
        self._write(batch.lines)
        return 0, 0


class FileSink:
    """A file (0600) to which batches are appended, durably. It is opened anew for each: it may be moved away between
    two. With `fresh` the first batch makes it, and an existing file is refused.
    """

    def __init__(self, path: str, fresh: bool = False) -> None:
        self._path = path
        self._fresh = fresh
        if fresh and os.path.lexists(path):
            raise ConfigError(f"{path} exists", "give --cursor FILE to go on with it, or another name")
        os.close(self._open())

    def send(self, batch: Batch, cursor: Cursor) -> tuple[int, int]:
        """Append what is not there yet of a batch: a run may have been killed after it wrote a part."""
        fd = self._open()
        try:
            return _append(fd, batch.lines, cursor)
        except OSError as error:
            raise NotTaken(f"{self._path}: {error.strerror}", "the cursor was not moved") from None
        finally:
            os.close(fd)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_APPEND | os.O_NONBLOCK
        try:
            return os.open(self._path, flags, 0o600)
        except OSError as error:
            raise ConfigError(f"{self._path}: {error.strerror}") from None


def _append(fd: int, data: bytes, cursor: Cursor) -> tuple[int, int]:
    info = os.fstat(fd)
    ours = info.st_ino == cursor.inode or not cursor.number
    before = max(0, info.st_size - cursor.size) if ours else 0
    there = os.pread(fd, min(before, len(data)), cursor.size) if before else b""
    if there and data.startswith(there) and len(there) == min(before, len(data)):  # a killed run wrote this much
        end = cursor.size + len(data)
        data = data[len(there) :]
    else:
        data = data if not info.st_size or os.pread(fd, 1, info.st_size - 1) == b"\n" else b"\n" + data
        end = info.st_size + len(data)
    while data:
        data = data[os.write(fd, data) :]
    os.fsync(fd)
    return info.st_ino, end
