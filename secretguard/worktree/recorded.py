"""The end of this user's journal: what one session has recorded since a look."""

from __future__ import annotations

import os
from collections.abc import Iterator

from secretguard.audit import head, reader, segments
from secretguard.audit.journal import HEAD
from secretguard.audit.line import LONGEST
from secretguard.audit.record import Record
from secretguard.places import state_dir

MOST_FILES = 8
"""Files of the journal, newest first, in which a session's calls are looked for: 64 MiB by the journal's own bound."""


def position() -> int:
    """The number of the journal's last record; 0 where there is none, or nobody can tell."""
    try:
        known = head.read(os.path.join(_journal(), HEAD))
    except OSError:
        return 0
    return known.seq if known else 0


def since(after: int, session: str) -> Iterator[Record]:
    """Records that name `session` and come after record number `after`. None where the journal cannot be read."""
    try:
        files = segments.opened(_journal())
    except OSError:
        return
    wanted = session.encode("ascii", "replace")
    try:
        for file in files[-MOST_FILES:]:
            last = segments.last_of(file.name)
            if last is not None and last <= after:
                continue
            while line := file.readline(LONGEST):
                record = reader.parse(line) if wanted in line else None
                if record is not None and isinstance(seq := record.get("seq"), int) and seq > after:
                    yield record
    except OSError:
        return
    finally:
        for file in files:
            file.close()


def _journal() -> str:
    return os.path.join(state_dir(), "audit")
