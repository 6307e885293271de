"""Is this journal what was written? Numbered steps, one answer: intact, tampered, incomplete, or cannot tell.

  1 snapshot   head file and size together, under the writers' lock where there is one
  2 walk       each line: its form, its hash, that it follows the one before, its number
  3 torn       bytes that are no record: only where the record after them owns up to exactly those bytes
  4 head       the last record against the head file: a cut-off end shows here
  5 pin        the pinned record against the journal: rewriting, rollback and replacement show here
  6 outcome    the worst finding decides; without a pin nothing is called intact

What it cannot show: whoever may write as this user can rewrite everything after the last pin, head file included.
"""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import time
from collections.abc import Sequence
from hashlib import sha256  # three times as fast here as the small one of the hook, which has no time to import it

from secretguard.audit import head as heads
from secretguard.audit.head import Head
from secretguard.audit.journal import ENVELOPE, FILE, HEAD, LOCK, MAX_RECORD
from secretguard.audit.line import GENESIS, VERSION, columns, opening
from secretguard.audit.pin import Pin
from secretguard.keyed import sha256_hex
from secretguard.rawjson import JsonError, loads

INTACT, TAMPERED, INCOMPLETE, UNKNOWN = "intact", "tampered", "incomplete", "cannot tell"
EXIT_CODES = {INTACT: 0, TAMPERED: 1, INCOMPLETE: 2, UNKNOWN: 3}
UNANCHORED = "self-consistent, unanchored"
NOTE = "note"
MAX_FINDINGS = 50
MAX_LINE = 2 * MAX_RECORD
_decode = json.JSONDecoder().raw_decode
_COLUMNS = 131
"""Bytes of a line after its JSON: tab, 64, tab, 64, newline."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing seen: `kind` (tampered, incomplete, cannot tell or note), the line (from 1; 0: the whole), in words."""

    kind: str
    line: int
    text: str


@dataclasses.dataclass(frozen=True)
class Result:
    """`outcome` is one of the four; `anchored` says whether a pin was compared; `records` were read, `last` is the
    hash of the last one, `first` that of the first (both "" in an empty journal)."""

    outcome: str
    anchored: bool
    records: int
    first: str
    last: str
    findings: tuple[Finding, ...]

    @property
    def words(self) -> str:
        """The outcome as a person is told it."""
        return (
            UNANCHORED if self.outcome == UNKNOWN and not self.anchored and not _worst(self.findings) else self.outcome
        )

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.outcome]


def verify(directory: str, pin: Pin | None = None) -> Result:
    """Verify the journal in `directory`, against `pin` where there is one. Raises nothing: what cannot be read is a
    finding."""
    try:
        head, size = _snapshot(directory)
        with open(os.path.join(directory, FILE), "rb") as file:
            walk = _Walk(head, pin)
            offset = 0
            while offset < size and (line := file.readline(min(MAX_LINE, size - offset))):
                walk.take(line)
                offset += len(line)
    except FileNotFoundError:
        return _missing(directory, pin)
    except OSError as error:
        return _result([Finding(UNKNOWN, 0, f"cannot be read: {error.strerror}")], _Walk(None, pin), pin)
    return _result(walk.finish(size), walk, pin)


def _snapshot(directory: str) -> tuple[Head | None, int]:
    """Step 1. A copy without a lock file, or a lock that stays busy for a second, is read as it is."""
    try:
        lock = os.open(os.path.join(directory, LOCK), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        lock = -1
    try:
        deadline = time.monotonic() + 1.0
        while lock >= 0 and time.monotonic() < deadline:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.002)
        return heads.read(os.path.join(directory, HEAD)), os.stat(os.path.join(directory, FILE)).st_size
    finally:
        if lock >= 0:
            os.close(lock)


class _Walk:
    """Steps 2 to 5, line by line. `prev` and `seq` are what the next record must follow; bytes where it counts."""

    def __init__(self, head: Head | None, pin: Pin | None) -> None:
        self.findings: list[Finding] = []
        self._prev, self.seq, self.first = GENESIS.encode("ascii"), 0, ""
        self._head, self._pin = head, pin
        self._wanted = {at for at in (head.seq if head else 0, pin.seq if pin else 0) if at}
        self._seen: dict[int, str] = {}
        self._line = 0
        self._torn_at, self._torn_bytes, self._torn_digest = 0, 0, sha256()

    @property
    def prev(self) -> str:
        """The hash that the next record must follow."""
        return self._prev.decode("ascii")

    def take(self, line: bytes) -> None:
        """One line with its newline (the last may lack it)."""
        self._line += 1
        whole = line if line[-1:] == b"\n" else line + b"\n"
        body, own = whole[:-_COLUMNS], whole[-65:-1]
        if (
            whole[-_COLUMNS:-65] == b"\t" + self._prev + b"\t"
            and sha256(self._prev + body).hexdigest().encode("ascii") == own
            and body.startswith(opening(self.seq + 1))
        ):
            self._accept(body, own)
        else:
            self._reject(line, whole)

    def _accept(self, body: bytes, own: bytes) -> None:
        self.seq += 1
        self._prev = own
        if self.seq in self._wanted:
            self._seen[self.seq] = self.prev
        try:
            text = body.decode("ascii")
            record, end = _decode(text)
            event = record["event"]
            if type(event) is not str:
                raise ValueError
        except (ValueError, KeyError, RecursionError):
            self._find(TAMPERED, "is chained correctly, but is no record: no writer of this program made it")
            return
        if end != len(text):
            self._find(TAMPERED, "has text behind its JSON")
        if self.seq == 1:
            self.first = self.prev
            if event != "journal:file:started":
                self._find(TAMPERED, "is the first record, but not the start of a journal")
        if self._torn_at and event != "journal:file:started":  # a start comes first, where the first record was torn
            self._settle_torn(record)
        if event in _OWN_WORDS:
            self._own_word(record)

    def _reject(self, line: bytes, whole: bytes) -> None:
        """A line that does not follow: torn, edited, dropped before it, moved, repeated or put in."""
        parts = columns(whole[:-1])
        if parts is None:
            self._torn_at = self._torn_at or self._line
            self._torn_bytes += len(line)
            self._torn_digest.update(line)
            return
        body, prev, own = parts
        stated = _stated_seq(body)
        if sha256_hex(prev.encode("ascii") + body) != own:
            self._find(TAMPERED, "was edited: its hash does not belong to it")
        elif stated is None:
            self._find(UNKNOWN, "has an envelope that this version does not know: verify it with a newer one")
        elif prev != self.prev:
            self._find(TAMPERED, f"does not follow the record before it: {_between(self.seq, stated)}")
        else:
            self._find(TAMPERED, f"says it is record {stated}, where {self.seq + 1} is due")
        self._prev = own.encode("ascii")
        self.seq = stated if stated is not None else self.seq + 1
        if self.seq in self._wanted:
            self._seen.setdefault(self.seq, own)

    def _settle_torn(self, record: dict[str, object]) -> None:
        """Step 3: the record after bytes that are no record must own up to exactly those bytes."""
        owned_up = (record["event"], record.get("bytes"), record.get("sha256")) == (
            "journal:tail:torn",
            self._torn_bytes,
            self._torn_digest.hexdigest(),
        )
        if owned_up:
            text = f"a writer was stopped while writing: {self._torn_bytes} bytes, marked, never acknowledged"
            self._find(NOTE, text, self._torn_at)
        else:
            self._find(TAMPERED, "is no record, and no writer has owned up to it", self._torn_at)
        self._torn_at, self._torn_bytes, self._torn_digest = 0, 0, sha256()

    def _own_word(self, record: dict[str, object]) -> None:
        """What the writers themselves recorded as missing. A later pin was made in the knowledge of it."""
        kind = NOTE if self._pin and self.seq <= self._pin.seq else INCOMPLETE
        self._find(kind, _OWN_WORDS[str(record["event"])] + f" ({_details(record)})")

    def finish(self, size: int) -> list[Finding]:
        """Steps 4 and 5, at the end of the journal."""
        self._line = 0
        cut = self._head is not None and size < self._head.size
        if self._torn_at:
            acknowledged = self._head is None or self._head.seq > self.seq
            kind = NOTE if not acknowledged else INCOMPLETE if cut else TAMPERED
            self._find(kind, f"is no record: {self._torn_bytes} bytes at the end", self._torn_at)
        self._compare_head(cut)
        if self._pin:
            self._compare_pin(self._pin)
        return self.findings

    def _compare_head(self, cut: bool) -> None:
        head = self._head
        if head is None:
            self._find(INCOMPLETE, "the head file is missing or damaged, so a cut-off end would not show")
        elif head.seq > self.seq:
            self._find(INCOMPLETE, f"the journal ends at record {self.seq}, the head file knows {head.seq}: cut off")
        elif head.seq and self._seen.get(head.seq) != head.hash:
            self._find(TAMPERED, f"record {head.seq} is not the one that the head file names")
        elif cut:
            self._find(INCOMPLETE, "the journal is shorter than the head file says: its end is cut off")
        elif head.seq < self.seq:
            self._find(NOTE, f"{self.seq - head.seq} records after the head file: a writer was stopped before it")

    def _compare_pin(self, pin: Pin) -> None:
        if self.seq < pin.seq:
            text = (
                f"the journal ends at record {self.seq}, the pin of {pin.time} saw {pin.seq}: cut off, or an older copy"
            )
            self._find(INCOMPLETE, text)
        elif self._seen.get(pin.seq) != pin.hash:
            self._find(TAMPERED, f"record {pin.seq} is not the one pinned at {pin.time}: the journal was rewritten")
        if self.seq and self.first != pin.journal:
            self._find(
                TAMPERED, "the first record is not the pinned one: the journal was replaced, or the pin is not its"
            )

    def _find(self, kind: str, text: str, line: int | None = None) -> None:
        """Keep a finding; of more than MAX_FINDINGS the first of each kind is kept, which decides the outcome."""
        if len(self.findings) < MAX_FINDINGS or all(kind != finding.kind for finding in self.findings):
            self.findings.append(Finding(kind, self._line if line is None else line, text))


_OWN_WORDS = {
    "journal:head:mismatch": "the writers found the journal cut off, replaced or lost in a power failure",
    "journal:record:missing": "the writers could not write records before this one",
}


def _details(record: dict[str, object]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in record.items() if key not in ENVELOPE)


def _stated_seq(body: bytes) -> int | None:
    """The number that a record states, or None when it is not JSON or has another envelope."""
    try:
        record = loads(body)
    except JsonError:
        return None
    if not isinstance(record, dict) or record.get("v") != VERSION or type(record.get("seq")) is not int:
        return None
    return int(record["seq"])


def _between(seq: int, stated: int) -> str:
    if stated > seq + 1:
        return f"records {seq + 1} to {stated - 1} are missing"
    if stated == seq + 1:
        return "one of the two was rewritten, or one was put in between"
    return f"it says record {stated}, which belongs further up: moved or repeated"


def _missing(directory: str, pin: Pin | None) -> Result:
    walk = _Walk(None, pin)
    head = heads.read(os.path.join(directory, HEAD)) if os.path.isdir(directory) else None
    if pin or (head and head.seq):
        return _result(
            [Finding(INCOMPLETE, 0, "there is no journal, but its head file or a pin knows of one")], walk, pin
        )
    return _result([Finding(UNKNOWN, 0, f"there is no journal in {directory}")], walk, pin)


def _result(findings: list[Finding], walk: _Walk, pin: Pin | None) -> Result:
    """Step 6."""
    if not walk.seq and not findings:
        findings.append(Finding(UNKNOWN, 0, "the journal has no record"))
    outcome = _worst(findings) or (INTACT if pin else UNKNOWN)
    return Result(outcome, pin is not None, walk.seq, walk.first, walk.prev if walk.seq else "", tuple(findings))


def _worst(findings: Sequence[Finding]) -> str:
    kinds = {finding.kind for finding in findings}
    return next((kind for kind in (TAMPERED, INCOMPLETE, UNKNOWN) if kind in kinds), "")
