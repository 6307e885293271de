"""Reading a journal for people: its records in order, as they stand. Whether they are genuine, `verify` says."""

from __future__ import annotations

import collections
import os
import time
from collections.abc import Callable, Iterator

from secretguard.audit.journal import FILE, MAX_RECORD
from secretguard.audit.line import columns
from secretguard.errors import ConfigError
from secretguard.rawjson import JsonError, loads

POLL_SECONDS = 0.25
Record = dict[str, object]


def records(directory: str) -> Iterator[Record]:
    """Every record of the journal in `directory`; lines that are none are passed over. Raises ConfigError when there
    is no journal."""
    with _open(directory) as file:
        while line := file.readline(2 * MAX_RECORD):
            record = parse(line)
            if record is not None:
                yield record


def last(directory: str, count: int) -> tuple[list[Record], int]:
    """The last `count` records, oldest first, and the journal's size in bytes when they were read."""
    kept: collections.deque[Record] = collections.deque(maxlen=count)
    with _open(directory) as file:
        while line := file.readline(2 * MAX_RECORD):
            record = parse(line)
            if record is not None:
                kept.append(record)
        return list(kept), file.tell()


def follow(directory: str, offset: int, going_on: Callable[[], bool] = lambda: True) -> Iterator[Record]:
    """Records from byte `offset` on as they are appended, until `going_on` says no; looks four times a second."""
    with _open(directory) as file:
        file.seek(offset)
        rest = b""
        while going_on():
            rest += file.readline(2 * MAX_RECORD)
            if not rest.endswith(b"\n") and len(rest) < 2 * MAX_RECORD:
                time.sleep(POLL_SECONDS)
                continue
            record = parse(rest)
            rest = b""
            if record is not None:
                yield record


def parse(line: bytes) -> Record | None:
    """The record in one line of the journal, or None."""
    parts = columns(line.removesuffix(b"\n"))
    if parts is None:
        return None
    try:
        record = loads(parts[0])
    except JsonError:
        return None
    return record if isinstance(record, dict) else None


def _open(directory: str):  # type: ignore[no-untyped-def]  # a binary file; its exact type is of no use here
    path = os.path.join(directory, FILE)
    try:
        return open(path, "rb")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", "name the journal's folder with --journal") from None
