"""What a session's records say, erased on the record. Record, then act.

The fields of each record are overwritten in place by as many dashes: no file changes its size, nobody's place in it
moves, and the chain, which covers fields by their salted digest, holds. Number, time and event stay. An erasure that is
stopped leaves records that are named as erased and are not, or only begin to be: erasing again finishes it.

Not reached: what a torn line holds, records of the first format (prune their files), copies, backups and exports.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

from secretguard.audit import segments
from secretguard.audit.absence import Span, erased_spans, spans_of
from secretguard.audit.digest import labelled
from secretguard.audit.journal import Journal
from secretguard.audit.line import BLANK, LONGEST, columns
from secretguard.audit.reader import parse
from secretguard.audit.record import Record
from secretguard.audit.select import YES, Wanted
from secretguard.errors import ConfigError, GuardError
from secretguard.keyed import user_key
from secretguard.platforms.here import sync_data

MOST = 1000
"""Ranges of records that one erasure names."""


@dataclasses.dataclass(frozen=True)
class Erased:
    """How many records were erased, and how many of the session's are of the first format and stay."""

    count: int
    stay: int


@dataclasses.dataclass(frozen=True)
class _Place:
    """The fields of record `seq`: their first byte in `file`, their length."""

    seq: int
    file: BinaryIO
    offset: int
    length: int


def erase(directory: str, session: str, reason: str) -> Erased:
    """Erase what the records of the client's session `session` say. Raises ConfigError, GuardError, RecordError."""
    with ExitStack() as closing:
        try:
            files = [closing.enter_context(file) for file in segments.opened(directory, "r+b")]
        except OSError as error:
            raise ConfigError(f"{directory}: {error.strerror}", "name the journal's folder with --journal") from None
        places, begun, stay = _look(files, Wanted(session=session))
        numbers = [place.seq for place in places]
        _record(directory, session, reason, numbers)
        try:
            for place in (*begun, *places):
                _blank(place)
            for file in {place.file for place in (*begun, *places)}:
                sync_data(file.fileno())
        except OSError as error:
            raise GuardError(f"{directory}: {error.strerror}", "mend it and erase again") from None
    return Erased(len(numbers), stay)


def _look(files: list[BinaryIO], wanted: Wanted) -> tuple[list[_Place], list[_Place], int]:
    """(what is to be erased, what an earlier erasure had begun, how many records cannot be)."""
    places: list[_Place] = []
    begun: list[_Place] = []
    owned: list[Span] = []
    stay = 0
    for place, record, whole in _fields(files):
        if place is None:
            stay += wanted.matches(record) == YES
        elif not whole:
            begun.append(place)
        elif record.get("event") == "journal:record:erased":
            owned.extend(erased_spans(place.seq, record) or ())
        elif not str(record.get("event")).startswith("journal:") and wanted.matches(record) == YES:
            places.append(place)
    begun = [place for place in begun if any(first <= place.seq <= last for first, last in owned)]
    return places, begun, stay


def _fields(files: list[BinaryIO]) -> Iterator[tuple[_Place | None, Record, bool]]:
    """Each record with where its fields are (None: in its envelope), and whether they are whole; not the blank ones."""
    for file in files:
        offset = 0
        while line := file.readline(LONGEST):
            parts, record = columns(line.removesuffix(b"\n")), parse(line)
            start, offset = offset, offset + len(line)
            if parts is None or record is None:
                continue
            envelope, fields = parts[0], parts[3]
            if fields is None:
                yield None, record, True
            elif fields.strip(BLANK) and type(record.get("seq")) is int:
                place = _Place(int(str(record["seq"])), file, start + len(envelope) + 1, len(fields))
                yield place, record, not fields.startswith(BLANK)


def _record(directory: str, session: str, reason: str, numbers: list[int]) -> None:
    spans = spans_of(numbers)
    for at in range(0, len(spans), MOST):
        group = [list(span) for span in spans[at : at + MOST]]
        said: dict[str, object] = {
            "records": group,
            "session_digest": labelled(user_key(), b"session", session.encode("utf-8", "surrogatepass")),
            "reason": reason,
            "uid": os.getuid(),
        }
        Journal(directory).append("journal:record:erased", said)


def _blank(place: _Place) -> None:
    fd, data, offset = place.file.fileno(), BLANK * place.length, place.offset
    while data:
        written = os.pwrite(fd, data, offset)
        data, offset = data[written:], offset + written
