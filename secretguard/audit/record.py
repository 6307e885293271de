"""What a record of a journal says, for those who read many: each value as what it should be, or nothing.

Records are read as they stand (`reader.py`), also of other versions and other machines: any field may be missing or be
something else.
"""

from __future__ import annotations

import datetime

Record = dict[str, object]


def text_of(record: Record, name: str) -> str:
    """A field that is a text; "" where it is none."""
    value = record.get(name)
    return value if isinstance(value, str) else ""


def number_of(record: Record, name: str) -> int:
    """A field that is a whole number; 0 where it is none."""
    value = record.get(name)
    return value if type(value) is int else 0


def stamp(at: float) -> str:
    """Unix seconds as the time of a record: RFC 3339, UTC, milliseconds."""
    return datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(time: object) -> float:
    """The Unix seconds of a record's `time` (RFC 3339); 0 where it cannot be read."""
    try:
        return datetime.datetime.fromisoformat(str(time)).timestamp()
    except (ValueError, OverflowError):
        return 0.0
