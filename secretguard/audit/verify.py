"""Is this journal what was written? Numbered steps, one answer: intact, tampered, incomplete, or cannot tell.

  1 snapshot   head file and all files of the journal together, under the writers' lock where there is one
  2 walk       each line: its form, its hash, that it follows the one before, its number, its fields
  3 torn       bytes that are no record: only where the record after them owns up to exactly those bytes
  4 absent     pruned files and erased fields: only where a record owns up to them
  5 head       the last record against the head file: a cut-off end shows here
  6 pin        the pinned record against the journal: rewriting, rollback and replacement show here
  7 outcome    the worst finding decides; without a pin nothing is called intact

What it cannot show: whoever may write as this user can rewrite everything after the last pin, head file included.
"""

from __future__ import annotations

import fcntl
import os
import time
from typing import BinaryIO

from secretguard.audit import head as heads
from secretguard.audit import segments
from secretguard.audit.finding import EXIT_CODES as EXIT_CODES
from secretguard.audit.finding import INCOMPLETE as INCOMPLETE
from secretguard.audit.finding import INTACT as INTACT
from secretguard.audit.finding import MAX_FINDINGS as MAX_FINDINGS
from secretguard.audit.finding import NOTE as NOTE
from secretguard.audit.finding import TAMPERED as TAMPERED
from secretguard.audit.finding import UNANCHORED as UNANCHORED
from secretguard.audit.finding import UNKNOWN as UNKNOWN
from secretguard.audit.finding import Finding as Finding
from secretguard.audit.finding import Result as Result
from secretguard.audit.finding import worst
from secretguard.audit.head import Head
from secretguard.audit.journal import HEAD, LOCK
from secretguard.audit.line import LONGEST
from secretguard.audit.pin import Pin
from secretguard.audit.walk import Walk

TRIES = 5
"""How often a journal is read again that changes under the verifier."""


def verify(directory: str, pin: Pin | None = None) -> Result:
    """Verify the journal in `directory`, against `pin` where there is one. Raises nothing: what cannot be read is a
    finding."""
    for _ in range(TRIES):
        result, holes, size = _verify(directory, pin)
        if not holes or size == _size(directory):
            break  # otherwise an erasure may have been recorded after the snapshot, and acted meanwhile
    return result


def _verify(directory: str, pin: Pin | None) -> tuple[Result, bool, int]:
    """(the result, whether fields are gone that no record owns up to, the newest file's size in the snapshot)."""
    files: list[BinaryIO] = []
    try:
        head, files, newest = _snapshot(directory)
        if not files:
            return _missing(directory, pin), False, 0
        walk, size = Walk(head, pin), newest
        for file in files:
            last = segments.last_of(file.name)
            here = os.fstat(file.fileno()).st_size
            if last is None:
                here = min(here, newest)
            walk.begin(os.path.basename(file.name) if len(files) > 1 else "")
            _read(file, here, walk)
            if last is not None:
                walk.end_closed(last)
            if last is not None and head and head.seq == last:  # a writer was stopped before it began the next file
                size = here
        return _result(walk.finish(size), walk, pin), walk.holes, newest
    except FileNotFoundError:
        return _missing(directory, pin), False, 0
    except OSError as error:
        result = _result([Finding(UNKNOWN, 0, f"cannot be read: {error.strerror}")], Walk(None, pin), pin)
        return result, False, 0
    finally:
        for file in files:
            file.close()


def _size(directory: str) -> int:
    try:
        return os.stat(os.path.join(directory, segments.ACTIVE)).st_size
    except OSError:
        return -1  # a writer is just closing it


def _read(file: BinaryIO, size: int, walk: Walk) -> None:
    offset = 0
    while offset < size and (line := file.readline(min(LONGEST, size - offset))):
        walk.take(line)
        offset += len(line)


def _snapshot(directory: str) -> tuple[Head | None, list[BinaryIO], int]:
    """Step 1; the number is the size of the newest file. A copy without a lock file, or a lock that stays busy for a
    second, is read as it is."""
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
        head, files = heads.read(os.path.join(directory, HEAD)), segments.opened(directory)
        return head, files, os.fstat(files[-1].fileno()).st_size if files else 0
    finally:
        if lock >= 0:
            os.close(lock)


def _missing(directory: str, pin: Pin | None) -> Result:
    walk = Walk(None, pin)
    head = heads.read(os.path.join(directory, HEAD)) if os.path.isdir(directory) else None
    if pin or (head and head.seq):
        return _result(
            [Finding(INCOMPLETE, 0, "there is no journal, but its head file or a pin knows of one")], walk, pin
        )
    return _result([Finding(UNKNOWN, 0, f"there is no journal in {directory}")], walk, pin)


def _result(findings: list[Finding], walk: Walk, pin: Pin | None) -> Result:
    """Step 7."""
    if not walk.seq and not findings:
        findings.append(Finding(UNKNOWN, 0, "the journal has no record"))
    outcome = worst(findings) or (INTACT if pin else UNKNOWN)
    last = walk.prev if walk.seq else ""
    return Result(outcome, pin is not None, walk.seq, walk.first, last, tuple(findings), walk.start)
