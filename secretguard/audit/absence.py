"""What is not in a journal any more, and whether its own records own up to it: files pruned, fields erased.

A file that merely vanished leaves the journal incomplete. Fields that are gone without an erasure are tampering: the
record stands, what it said does not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from secretguard.audit.finding import INCOMPLETE, MAX_FINDINGS, NOTE, TAMPERED, Finding

Span = tuple[int, int]
"""First and last record of a range, both in it."""


@dataclasses.dataclass(frozen=True)
class Gap:
    """Records `first` to `last` are not there; what follows them says that the last had the hash `hash`."""

    first: int
    last: int
    hash: str


@dataclasses.dataclass(frozen=True)
class _Owned:
    """What record `seq` of `time` owns up to: `spans` of records; pruned ones with the hashes of their files' ends, and
    whether the journal lacked something already when they went."""

    seq: int
    time: str
    spans: tuple[Span, ...]
    ends: dict[int, str]
    incomplete: bool = False


class Absences:
    """Collected while the journal is walked, settled at its end: who owns up comes after what was removed."""

    def __init__(self) -> None:
        self.gaps: list[Gap] = []
        self._blank: list[Span] = []
        self._partly: list[Span] = []
        self._places: dict[int, tuple[str, int]] = {}
        self._pruned: list[_Owned] = []
        self._erased: list[_Owned] = []
        self.holes = False
        """Once settled: whether fields are gone that nobody owns up to."""

    def fields_gone(self, seq: int, whole: bool, file: str, line: int) -> None:
        """The fields of record `seq` are blank, or (not `whole`) begin to be: an erasure that was stopped."""
        _extend(self._blank if whole else self._partly, seq)
        if len(self._places) < MAX_FINDINGS:
            self._places[seq] = (file, line)

    def pruned(self, seq: int, time: str, said: dict[str, object]) -> bool:
        """Record `seq` says that files were pruned; False when it is not what a writer of this program records."""
        files, last = said.get("files"), said.get("last")
        if type(last) is not int or not isinstance(files, list) or not 0 < last < seq:
            return False
        ends = {}
        for file in files:
            if not isinstance(file, dict) or type(file.get("last")) is not int or not isinstance(file.get("hash"), str):
                return False
            ends[file["last"]] = file["hash"]
        self._pruned.append(_Owned(seq, time, ((1, last),), ends, said.get("incomplete") is True))
        return True

    def erased(self, seq: int, time: str, said: dict[str, object]) -> bool:
        """Record `seq` says that fields were erased; False when it is not what a writer of this program records."""
        spans = erased_spans(seq, said)
        if spans is not None:
            self._erased.append(_Owned(seq, time, spans, {}))
        return spans is not None

    def settle(self) -> Iterator[Finding]:
        """Every absence as a finding: a note where it is owned up to."""
        for gap in self.gaps:
            yield self._gap(gap)
        yield from self._fields()

    def _gap(self, gap: Gap) -> Finding:
        range_ = f"records {gap.first} to {gap.last}"
        owners = [owner for owner in self._pruned if owner.spans[0][1] >= gap.last and gap.first == 1]
        if not owners:
            return Finding(
                INCOMPLETE, 0, f"{range_} are missing: a file of the journal is gone, and no record says why"
            )
        known = {owner.ends[gap.last] for owner in owners if gap.last in owner.ends}
        if known and gap.hash not in known:
            return Finding(TAMPERED, 0, f"{range_} were pruned, but what is left does not go on from what was pruned")
        owner = owners[-1]
        text = f"{range_} were pruned on {owner.time[:10]}, as record {owner.seq} says"
        lacking = any(owner.incomplete for owner in owners)
        return Finding(NOTE, 0, text + ("; the journal was incomplete before that" if lacking else ""))

    def _fields(self) -> Iterator[Finding]:
        gone = sorted(self._blank + self._partly)
        owned = sorted(span for owner in self._erased for span in owner.spans)
        for first, last in _without(gone, owned):
            self.holes = True
            file, line = self._places.get(first, ("", 0))
            text = f"the fields of record {first}" + (f" to {last}" if last > first else "")
            yield Finding(TAMPERED, line, f"{text} are gone, and no erasure owns up to it", file)
        for owner in self._erased:
            count = sum(last - first + 1 for first, last in owner.spans)
            yield Finding(
                NOTE, 0, f"the fields of {count} records were erased on {owner.time[:10]}: record {owner.seq}"
            )
        there = _without(_without(owned, sorted(self._blank)), [(gap.first, gap.last) for gap in self.gaps])
        if there:
            count = sum(last - first + 1 for first, last in there)
            yield Finding(NOTE, 0, f"the erasure was stopped before {count} of them: `secretguard audit erase` again")


def erased_spans(seq: int, said: dict[str, object]) -> tuple[Span, ...] | None:
    """The records whose fields record `seq` says were erased, or None when no writer of this program says it so."""
    spans = said.get("records")
    found: list[Span] = []
    for span in spans if isinstance(spans, list) else [None]:
        if not isinstance(span, list) or len(span) != 2 or not all(type(end) is int for end in span):
            return None
        if not 0 < span[0] <= span[1] < seq:
            return None
        found.append((span[0], span[1]))
    return tuple(found)


def _extend(spans: list[Span], seq: int) -> None:
    if spans and spans[-1][1] == seq - 1:
        spans[-1] = (spans[-1][0], seq)
    else:
        spans.append((seq, seq))


def spans_of(numbers: list[int]) -> list[Span]:
    """Ascending record numbers as ranges."""
    spans: list[Span] = []
    for number in numbers:
        _extend(spans, number)
    return spans


def _without(spans: list[Span], others: list[Span]) -> list[Span]:
    """What of the ranges `spans` is in none of `others`; both ascending."""
    left: list[Span] = []
    at = 0
    for first, last in spans:
        while at and others[at - 1][1] >= first:  # ranges of two records may overlap
            at -= 1
        while at < len(others) and others[at][0] <= last:
            if others[at][1] >= first:
                if others[at][0] > first:
                    left.append((first, others[at][0] - 1))
                first = others[at][1] + 1
                if first > last:
                    break
            at += 1
        if first <= last:
            left.append((first, last))
    return left
