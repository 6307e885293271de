"""A verifier's walk over a journal, line by line: form, hash, order, number, fields. What it amounts to: `verify`."""

from __future__ import annotations

import json
from hashlib import sha256  # three times as fast here as the small one of the hook, which has no time to import it

from secretguard.audit.absence import Absences, Gap
from secretguard.audit.fields import ENVELOPE
from secretguard.audit.finding import INCOMPLETE, MAX_FINDINGS, NOTE, TAMPERED, UNKNOWN, Finding
from secretguard.audit.head import Head
from secretguard.audit.line import BLANK, GENESIS, VERSIONS, columns, is_record
from secretguard.audit.pin import Pin
from secretguard.keyed import sha256_hex
from secretguard.rawjson import JsonError, loads

_decode = json.JSONDecoder().raw_decode
_COLUMNS = 131
"""Bytes of a line after envelope and fields: tab, 64, tab, 64, newline."""
_PARTS = ["v", "seq", "time", "event", "fields"]
_TORN = "journal:tail:torn"
_STARTS = ("journal:file:started", "journal:segment:started")


class Walk:
    """`prev` and `seq` are what the next record must follow; `findings` what was seen so far. Bytes where it counts."""

    def __init__(self, head: Head | None, pin: Pin | None) -> None:
        self.findings: list[Finding] = []
        self._prev, self.seq, self.first, self.start = GENESIS.encode("ascii"), 0, "", 1
        self._head, self._pin = head, pin
        self._wanted = {at for at in (head.seq if head else 0, pin.seq if pin else 0) if at}
        self._seen: dict[int, str] = {}
        self._absences = Absences()
        self._file, self._line, self._starting, self._ended = "", 0, True, True
        self._torn_at, self._torn_bytes, self._torn_digest = 0, 0, sha256()

    @property
    def prev(self) -> str:
        """The hash that the next record must follow."""
        return self._prev.decode("ascii")

    @property
    def holes(self) -> bool:
        """Whether, at the end, fields are gone that no record owns up to."""
        return self._absences.holes

    def begin(self, file: str) -> None:
        """The next file of the journal; its name as findings are to say it."""
        self._file, self._line, self._starting, self._ended = file, 0, True, True

    def end_closed(self, last: int) -> None:
        """The file was one that no writer writes any more, and its name says that it ends with record `last`."""
        if not self._ended:
            self._find(INCOMPLETE, "the file does not end with a record, although it was closed: its end is cut off")
            self._forget_torn()
        elif self._torn_at:
            self._find(TAMPERED, "is no record, in a file that was closed", self._torn_at)
            self._forget_torn()
        elif self.seq != last:
            kind = INCOMPLETE if self.seq < last else TAMPERED
            self._find(kind, f"the file ends with record {self.seq}, its name says {last}")

    def take(self, line: bytes) -> None:
        """One line with its newline (the last may lack it)."""
        self._line += 1
        self._ended = line[-1:] == b"\n"
        whole = line if self._ended else line + b"\n"
        envelope, tab, fields = whole[:-_COLUMNS].partition(b"\t")
        own = whole[-65:-1]
        if self._starting:
            self._look_for_a_gap(whole)
        if (
            whole[-_COLUMNS:-65] == b"\t" + self._prev + b"\t"
            and sha256(self._prev + envelope).hexdigest().encode("ascii") == own
            and is_record(envelope, self.seq + 1)
        ):
            self._accept(envelope, fields if tab else None, own)
        else:
            self._reject(line, whole)

    def _look_for_a_gap(self, whole: bytes) -> None:
        """Whole files may be missing before the first record of this one: from here on it is the journal again."""
        parts = columns(whole[:-1])
        stated = _stated_seq(parts[0]) if parts else None
        if parts is None or stated is None or stated <= self.seq + 1:
            return
        if sha256_hex(parts[1].encode("ascii") + parts[0]) == parts[2]:
            self._absences.gaps.append(Gap(self.seq + 1, stated - 1, parts[1]))
            self.start = stated if not self.seq else self.start
            self._prev, self.seq = parts[1].encode("ascii"), stated - 1
            if self.seq in self._wanted:
                self._seen[self.seq] = parts[1]

    def _accept(self, envelope: bytes, fields: bytes | None, own: bytes) -> None:
        self.seq += 1
        self._prev = own
        if self.seq in self._wanted:
            self._seen[self.seq] = self.prev
        try:
            record = _object(envelope)
            event, version = record["event"], record["v"]
            if type(event) is not str or version != (1 if fields is None else 2):
                raise ValueError
            if fields is not None and (list(record) != _PARTS or type(record["fields"]) is not str):
                raise ValueError
            said = record if fields is None else self._fields(record, fields)
        except (ValueError, KeyError, RecursionError):
            self._find(TAMPERED, "is chained correctly, but is no record: no writer of this program made it")
            return
        if self._starting or event in _STARTS:
            self._check_start(event, said)
        if self._torn_at and event not in _STARTS:  # a start comes first, where the first record was torn
            self._settle_torn(event, said)
        elif event == _TORN:
            self._find(TAMPERED, "owns up to torn bytes before it, and there are none: they were taken out")
        if event.startswith("journal:"):
            self._own_word(event, str(record["time"]), said)

    def _fields(self, record: dict[str, object], fields: bytes) -> dict[str, object]:
        """What the record says; nothing where that was erased. Raises ValueError."""
        if sha256(fields).hexdigest() == record["fields"]:
            return _object(fields)
        blank = not fields.strip(BLANK)
        if (blank or fields.startswith(BLANK)) and not str(record["event"]).startswith("journal:"):
            self._absences.fields_gone(self.seq, blank, self._file, self._line)
        else:
            self._find(TAMPERED, "was edited: its fields do not belong to it")
        return {}

    def _check_start(self, event: str, said: dict[str, object]) -> None:
        """A file begins with the record that says so, and no other record says it."""
        if not self._starting:
            self._find(TAMPERED, "says that a file starts here, within one")
        elif event != _STARTS[0 if self.seq == 1 else 1]:
            whole = "a journal" if self.seq == 1 else "a file"
            self._find(TAMPERED, f"is the first record of {whole}, but does not start one")
        self._starting = False
        if self.seq == 1:
            self.first = self.prev
        elif event == _STARTS[1]:
            journal = said.get("journal")
            self.first = self.first or (journal if isinstance(journal, str) else "")
            if journal != self.first:
                self._find(TAMPERED, "goes on with another journal than the file before")

    def _reject(self, line: bytes, whole: bytes) -> None:
        """A line that does not follow: torn, edited, dropped before it, moved, repeated or put in."""
        parts = columns(whole[:-1])
        if parts is None:
            self._torn_at = self._torn_at or self._line
            self._torn_bytes += len(line)
            self._torn_digest.update(line)
            return
        envelope, prev, own, _ = parts
        self._starting = False
        stated = _stated_seq(envelope)
        if sha256_hex(prev.encode("ascii") + envelope) != own:
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

    def _settle_torn(self, event: str, said: dict[str, object]) -> None:
        """The record after bytes that are no record must own up to exactly those bytes."""
        owned_up = (event, said.get("bytes"), said.get("sha256")) == (
            _TORN,
            self._torn_bytes,
            self._torn_digest.hexdigest(),
        )
        if owned_up:
            text = f"a writer was stopped while writing: {self._torn_bytes} bytes, marked, never acknowledged"
            self._find(NOTE, text, self._torn_at)
        else:
            self._find(TAMPERED, "is no record, and no writer has owned up to it", self._torn_at)
        self._forget_torn()

    def _forget_torn(self) -> None:
        self._torn_at, self._torn_bytes, self._torn_digest = 0, 0, sha256()

    def _own_word(self, event: str, time: str, said: dict[str, object]) -> None:
        """What the writers themselves recorded as missing. A later pin was made in the knowledge of it."""
        known = True
        if event in _OWN_WORDS:
            kind = NOTE if self._pin and self.seq <= self._pin.seq else INCOMPLETE
            self._find(kind, f"{_OWN_WORDS[event]} ({_details(said)})")
        elif event == "journal:segment:pruned":
            known = self._absences.pruned(self.seq, time, said)
        elif event == "journal:record:erased":
            known = self._absences.erased(self.seq, time, said)
        if not known:
            self._find(TAMPERED, f"is no {event} that a writer of this program made")

    def finish(self, size: int) -> list[Finding]:
        """The whole against head file and pin; `size` is that of the file in which the head's record lies."""
        cut = self._head is not None and size < self._head.size
        if self._torn_at:
            acknowledged = self._head is None or self._head.seq > self.seq
            kind = NOTE if not acknowledged else INCOMPLETE if cut else TAMPERED
            self._find(kind, f"is no record: {self._torn_bytes} bytes at the end", self._torn_at)
        self._line, self._file = 0, ""
        for finding in self._absences.settle():
            self._keep(finding)
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
        gone = any(gap.first <= pin.seq <= gap.last for gap in self._absences.gaps)
        if self.seq < pin.seq:
            text = (
                f"the journal ends at record {self.seq}, the pin of {pin.time} saw {pin.seq}: cut off, or an older copy"
            )
            self._find(INCOMPLETE, text)
        elif gone and pin.seq not in self._seen:
            text = f"record {pin.seq}, which was pinned at {pin.time}, is not there any more: take a later pin"
            self._find(UNKNOWN, text)
        elif self._seen.get(pin.seq) != pin.hash:
            self._find(TAMPERED, f"record {pin.seq} is not the one pinned at {pin.time}: the journal was rewritten")
        if self.seq and self.first != pin.journal:
            self._find(
                TAMPERED, "the first record is not the pinned one: the journal was replaced, or the pin is not its"
            )

    def _find(self, kind: str, text: str, line: int | None = None) -> None:
        self._keep(Finding(kind, self._line if line is None else line, text, self._file))

    def _keep(self, finding: Finding) -> None:
        """Keep a finding; of more than MAX_FINDINGS the first of each kind is kept, which decides the outcome."""
        if len(self.findings) < MAX_FINDINGS or all(finding.kind != other.kind for other in self.findings):
            self.findings.append(finding)


_OWN_WORDS = {
    "journal:head:mismatch": "the writers found the journal cut off, replaced or lost in a power failure",
    "journal:record:missing": "the writers could not write records before this one",
}


def _object(data: bytes) -> dict[str, object]:
    """The one JSON object that `data` is. Raises ValueError, RecursionError."""
    text = data.decode("ascii")
    found, end = _decode(text)
    if type(found) is not dict or end != len(text):
        raise ValueError("not exactly one object")
    return found


def _details(said: dict[str, object]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in said.items() if key not in (*ENVELOPE, "salt"))


def _stated_seq(envelope: bytes) -> int | None:
    """The number that a record states, or None when it is not JSON or has another envelope."""
    try:
        record = loads(envelope)
    except JsonError:
        return None
    if not isinstance(record, dict) or record.get("v") not in VERSIONS or type(record.get("seq")) is not int:
        return None
    return int(record["seq"])


def _between(seq: int, stated: int) -> str:
    if stated > seq + 1:
        return f"records {seq + 1} to {stated - 1} are missing"
    if stated == seq + 1:
        return "one of the two was rewritten, or one was put in between"
    return f"it says record {stated}, which belongs further up: moved or repeated"
