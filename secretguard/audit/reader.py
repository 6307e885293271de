"""Reading a journal for people: its records in order, as they stand. Whether they are genuine, `verify` says."""

from __future__ import annotations

import collections
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

from secretguard.audit import segments
from secretguard.audit.fields import ERASED, SALT
from secretguard.audit.line import BLANK, LONGEST, columns
from secretguard.audit.record import Record
from secretguard.errors import ConfigError
from secretguard.rawjson import JsonError, loads

POLL_SECONDS = 0.25
Place = tuple[int, int]
"""A file of the journal by its inode, and a byte in it."""


def records(directory: str) -> Iterator[Record]:
    """Every record of the journal in `directory`; lines that are none are passed over. Raises ConfigError when there
    is no journal."""
    for line in lines(directory):
        record = parse(line)
        if record is not None:
            yield record


def last(directory: str, count: int) -> tuple[list[Record], Place]:
    """The last `count` records, oldest first, and the place where `follow` goes on."""
    kept: collections.deque[Record] = collections.deque(maxlen=count)
    with _opened(directory) as files:
        for file in files:
            while line := file.readline(LONGEST):
                record = parse(line)
                if record is not None:
                    kept.append(record)
        return list(kept), (os.fstat(files[-1].fileno()).st_ino, files[-1].tell())


def follow(directory: str, place: Place, going_on: Callable[[], bool] = lambda: True) -> Iterator[Record]:
    """Records from `place` on as they are appended, also after that file was closed, until `going_on` says no; looks
    four times a second. Where that file was pruned: from the oldest that is there."""
    with _opened(directory) as files:
        inodes = [os.fstat(file.fileno()).st_ino for file in files]
        at = inodes.index(place[0]) if place[0] in inodes else 0
        for other in (*files[:at], *files[at + 1 :]):
            other.close()
        files[:] = [files[at]]
        file = files[-1]
        file.seek(place[1] if inodes[at] == place[0] else 0)
        rest = b""
        while going_on():
            following = _following(directory, file)  # asked first: what was written before it closed is then read
            rest += file.readline(LONGEST)
            if rest.endswith(b"\n") or len(rest) >= LONGEST:
                record = parse(rest)
                rest = b""
                if record is not None:
                    yield record
            elif following is not None:
                file.close()
                file = files[-1] = following
                following = None
                rest = b""
            else:
                time.sleep(POLL_SECONDS)
            if following is not None:
                following.close()


def parse(line: bytes) -> Record | None:
    """The record in one line of the journal, envelope and fields together, or None.

    One whose fields were erased has its envelope and `erased`.
    """
    parts = columns(line.removesuffix(b"\n"))
    if parts is None:
        return None
    envelope, fields = parts[0], parts[3]
    try:
        record = loads(envelope)
        if not isinstance(record, dict) or fields is None:
            return record if isinstance(record, dict) else None
        record.pop("fields", None)
        if fields.startswith(BLANK):
            return {**record, ERASED: True}
        said = loads(fields)
    except JsonError:
        return None
    if not isinstance(said, dict):
        return None
    said.pop(SALT, None)
    return {**record, **said, **record}


def lines(directory: str) -> Iterator[bytes]:
    """Every line of the journal in `directory`, record or not. Raises ConfigError when there is no journal."""
    with _opened(directory) as files:
        for file in files:
            while line := file.readline(LONGEST):
                yield line


@contextlib.contextmanager
def _opened(directory: str) -> Iterator[list[BinaryIO]]:
    """The journal's files, oldest first, at least one. Raises ConfigError."""
    try:
        files = segments.opened(directory)
    except OSError as error:
        raise _none(directory, error.strerror) from None
    if not files:
        raise _none(directory, os.strerror(2))
    try:
        yield files
    finally:
        for file in files:
            file.close()


def _following(directory: str, file: BinaryIO) -> BinaryIO | None:
    """The file that goes on after `file`, open, or None while `file` is the newest."""
    inode = os.fstat(file.fileno()).st_ino
    path = os.path.join(directory, segments.ACTIVE)
    try:
        if os.stat(path).st_ino == inode:
            return None
        names = [path for _, path in segments.closed(directory)] + [path]
        inodes = [os.stat(name).st_ino for name in names]
    except OSError:  # a writer is just between closing one and beginning the next
        return None
    at = inodes.index(inode) + 1 if inode in inodes else 0  # pruned since: the oldest that is there
    return open(names[at], "rb") if at < len(names) else None


def _none(directory: str, why: str | None) -> ConfigError:
    fix = "nothing was recorded there yet, or it is another folder: name the journal's folder with --journal"
    return ConfigError(f"{os.path.join(directory, segments.ACTIVE)}: {why}", fix)
