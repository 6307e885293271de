"""Which secrets each version of the files holds: every blob is read once, and scanned where it differs from the last.

Versions of one file come one after the other, and mostly they are alike: what two have in common at their start and
end is not scanned again. Whether something is a finding depends on its line and on AROUND bytes before and after it, so
where both have all of these they have the same findings. Private keys are the exception: a blob with the header of one
is scanned whole.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, field
from typing import NamedTuple

from secretguard.detect import notebook
from secretguard.detect.finding import Finding
from secretguard.history.alike import common_end, common_start
from secretguard.history.blobs import reading
from secretguard.history.hit import Progress
from secretguard.pipeline import Scanner, fingerprint
from secretguard.source import text
from secretguard.source.git import Git
from secretguard.workers import Say, fan_out

LARGEST = 8 * 1024 * 1024
"""Bytes of a blob that is held in memory; a larger one is for the scan of diffs."""

CAP = 10_000
"""Findings of one rule in one blob; one with more is for the scan of diffs, which counts them."""

AROUND = 512
"""Bytes round a finding that may decide about it: a vendor's name nearby (`detect/rule.py`, `near`), a URL's host."""

BATCH = 256
"""Blobs between two reports of a worker."""

_PEM = b"PRIVATE KEY"

Value = tuple[str, str]
"""A secret without the secret: the rule's id and the keyed digest."""


@dataclass(slots=True)
class Versions:
    """What was seen: the values of each blob that holds any; `odd` ones, which are no plain text; `unread` ones, which
    are missing or too much for here. `files` and `bytes` are those of the blobs that were read."""

    values: dict[str, list[Value]] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    files: int = 0
    bytes: int = 0

    def add(self, other: Versions) -> None:
        """Take in what was seen of other blobs."""
        self.values.update(other.values)
        self.odd += other.odd
        self.unread += other.unread
        self.files += other.files
        self.bytes += other.bytes


class _Seen(NamedTuple):
    """A blob that was scanned: its bytes, each finding's start, end and value, and whether a private key is named."""

    data: bytes
    found: list[tuple[int, int, Value]]
    pem: bool


def seen(
    scanner: Scanner, git: Git, blobs: Sequence[str], notebooks: Set[str], workers: int, progress: Progress
) -> Versions:
    """What `blobs` hold, some of them as `notebooks`; neighbours should be versions of one file. `progress` is told
    blobs and bytes.

    Raises GuardError when a worker dies.
    """
    whole = Versions()
    size = max(1, -(-len(blobs) // max(1, workers)))
    runs = [blobs[at : at + size] for at in range(0, len(blobs), size)]

    def one(number: int, say: Say) -> None:
        for part in _looked(scanner, git, runs[number], notebooks):
            say(marshal.dumps((part.values, part.odd, part.unread, part.files, part.bytes)))

    if len(runs) <= 1:
        for part in _looked(scanner, git, blobs, notebooks):
            whole.add(part)
            progress(part.files, part.bytes)
        return whole
    with closing(fan_out(len(runs), one)) as frames:
        for frame in frames:
            part = Versions(*marshal.loads(frame))  # noqa: S302  # our own child, over our own pipe
            whole.add(part)
            progress(part.files, part.bytes)
    return whole


def _looked(scanner: Scanner, git: Git, blobs: Sequence[str], notebooks: Set[str]) -> Iterator[Versions]:
    left = dict.fromkeys(blobs)
    part, last = Versions(), _Seen(b"", [], False)
    for blob, size, read in reading(git, blobs):
        if size > LARGEST:
            continue
        data = read.all()
        if len(data) != size:
            break  # git stopped
        if text.kind(data) != text.BYTES:
            part.odd.append(blob)
        else:
            new = _scanned_notebook(scanner, data) if blob in notebooks else _scanned(scanner, data, last)
            if new is None:
                continue
            last = new
            if last.found:
                part.values[blob] = list(dict.fromkeys(value for _, _, value in last.found))
        del left[blob]
        part.files += 1
        part.bytes += size
        if part.files == BATCH:
            yield part
            part = Versions()
    part.unread = list(left)
    yield part


def _scanned(scanner: Scanner, data: bytes, last: _Seen) -> _Seen | None:
    """The findings of `data`: where it is as `last`, those that were there; None for too many."""
    start, end = _changed(last.data, data)
    first, stop = _with_context(data, start, end)
    pem = last.pem or data.find(_PEM, first, stop) >= 0
    if pem:
        start = first = 0
        end = stop = len(data)
    findings, unexamined = scanner.engine.scan_capped(data[first:stop], CAP)
    if unexamined:
        return None
    moved = len(data) - len(last.data)
    before = [one for one in last.found if one[1] <= start]
    here = [one for one in findings if first + one.end > start and first + one.start < end]
    after = [(begin + moved, close + moved, value) for begin, close, value in last.found if begin + moved >= end]
    inside = [(first + one.start, first + one.end, _value(scanner, one)) for one in here]
    return _Seen(data, before + inside + after, pem and _PEM in data)


def _value(scanner: Scanner, one: Finding) -> Value:
    return one.rule_id, fingerprint(scanner.key, one)


def _scanned_notebook(scanner: Scanner, data: bytes) -> _Seen | None:
    """The findings of a notebook, whose lines are no lines; what comes next is scanned whole, too."""
    findings, unexamined = notebook.scan(scanner.engine, data, CAP)
    if unexamined:
        return None
    return _Seen(data, [(one.start, one.end, _value(scanner, one)) for one in findings], pem=True)


def _changed(old: bytes, new: bytes) -> tuple[int, int]:
    """Start and end in `new`: what ends before or begins after has all that decides about it in common with `old`."""
    start = common_start(old, new)
    end = len(new) - common_end(old, new, min(len(old), len(new)) - start)
    return max(0, start - AROUND), min(len(new), end + AROUND)


def _with_context(data: bytes, start: int, end: int) -> tuple[int, int]:
    """What must be scanned to know of `data[start:end]`, as start and end: its lines whole, and what is round them."""
    first = data.rfind(b"\n", 0, start) + 1
    stop = data.find(b"\n", end) + 1 or len(data)
    return data.rfind(b"\n", 0, max(0, first - AROUND)) + 1, data.find(b"\n", stop + AROUND) + 1 or len(data)
