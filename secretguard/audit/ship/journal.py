"""The guard's journal as a source: its records after a cursor, as OCSF events with their place in the hash chain.

It is read while others write, close and prune its files. A line without its end is left for the next time. Where the
cursor's own record is gone because it was pruned, the records between are counted as lost; where it is gone for another
reason the journal is not the one that was sent, and that is an error.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

from secretguard.audit import ocsf
from secretguard.audit.line import GENESIS, LONGEST, columns
from secretguard.audit.reader import parse
from secretguard.audit.record import Record
from secretguard.audit.segments import opened
from secretguard.audit.ship.batch import BYTES, Batch, Event, made
from secretguard.audit.ship.cursor import Cursor
from secretguard.errors import ConfigError

METHOD = "SHA-256 of prev_event's value (64 zeros at first) and raw_data up to its first tab"
"""How `attestation_list` is made of `raw_data`, the line of the journal without its two hashes."""


@dataclasses.dataclass(frozen=True)
class _Line:
    record: Record
    text: bytes
    prev: str
    hash: str
    segment: int
    end: int

    @property
    def seq(self) -> int:
        seq = self.record.get("seq")
        return seq if isinstance(seq, int) else 0

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.seq, self.hash, self.segment, self.end)


class JournalSource:
    """The journal in `directory`."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def batches(self, cursor: Cursor, limit: int) -> Iterator[Batch]:
        """Records after `cursor` as they are now. Raises ConfigError when there is no journal, or the cursor is of
        another one."""
        with ExitStack() as closing:
            files = [closing.enter_context(file) for file in self._opened()]
            first = next(_lines(files, Cursor()), None)
            if first is None:
                return
            origin = _origin(first)
            lines, lost = self._after(files, cursor, first)
            events: list[Event] = []
            last, size = cursor, 0
            for line in lines:
                event = _event(line, origin)
                if events and (len(events) == limit or size + len(event.line) > BYTES):
                    yield Batch(tuple(events), last, lost)
                    events, size, lost = [], 0, 0
                events.append(event)
                last, size = line.cursor, size + len(event.line)
            if events:
                yield Batch(tuple(events), last, lost)

    def _opened(self) -> list[BinaryIO]:
        try:
            files = opened(self._directory)
        except OSError as error:
            raise ConfigError(
                f"{self._directory}: {error.strerror}", "name the journal's folder with --journal"
            ) from None
        if not files:
            raise ConfigError(f"{self._directory}: no journal there", "name the journal's folder with --journal")
        return files

    def _after(self, files: list[BinaryIO], cursor: Cursor, first: _Line) -> tuple[Iterator[_Line], int]:
        """What follows the cursor's record, and how many records before that are gone."""
        if not cursor.hash or _ends_there(files, cursor):
            return _lines(files, cursor), 0
        for line in _lines(files, Cursor()):
            if line.hash == cursor.hash:
                return _lines(files, line.cursor), 0
        if first.seq > cursor.number > 0:
            return _lines(files, Cursor()), first.seq - cursor.number - 1
        raise ConfigError(
            f"the cursor does not belong to {self._directory}: the journal was replaced or cut off since",
            "`secretguard audit verify` says what happened to it; without the cursor file all of it is exported again",
        )


def _ends_there(files: list[BinaryIO], cursor: Cursor) -> bool:
    tail = f"\t{cursor.hash}\n".encode("ascii")
    for file in files:
        if _inode(file) == cursor.segment:
            return os.pread(file.fileno(), len(tail), max(0, cursor.offset - len(tail))) == tail
    return False


def _lines(files: list[BinaryIO], start: Cursor) -> Iterator[_Line]:
    """The records of `files` after the place that `start` names, or from the beginning."""
    inodes = [_inode(file) for file in files]
    for file, inode in list(zip(files, inodes, strict=True))[inodes.index(start.segment) if start.segment else 0 :]:
        offset = start.offset if inode == start.segment else 0
        file.seek(offset)
        while (line := file.readline(LONGEST)).endswith(b"\n") or len(line) == LONGEST:
            offset += len(line)
            record, parts = parse(line), columns(line.removesuffix(b"\n"))
            if record is not None and parts is not None:  # torn bytes: the record after them says so
                text = parts[0] if parts[3] is None else parts[0] + b"\t" + parts[3]
                yield _Line(record, text, parts[1], parts[2], inode, offset)


def _inode(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_ino


def _event(line: _Line, origin: ocsf.Source) -> Event:
    prev = "" if line.prev == GENESIS else line.prev
    text = line.text.decode("utf-8", "backslashreplace")  # ASCII, unless somebody else wrote it
    return made(line.record, origin, ocsf.Sealed(line.seq, text, line.hash, prev, METHOD))


def _origin(first: _Line) -> ocsf.Source:
    """What the first record of the oldest file says of the journal: its first record, or the one that goes on."""
    said = {name: value for name in ("host", "journal") if isinstance(value := first.record.get(name), str)}
    journal = said.get("journal", first.hash)
    uid = first.record.get("uid")
    return ocsf.Source(journal[:16], said.get("host", os.uname().nodename), "" if uid is None else str(uid), journal)
