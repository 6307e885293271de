"""What an event says, as the JSON of its line's second column. Hot path."""

from __future__ import annotations

import os

from secretguard.audit.line import SALT_BYTES
from secretguard.errors import RecordError
from secretguard.keyed import sha256_hex
from secretguard.rawjson import dumps

MAX_RECORD = 32 * 1024
"""Bytes of one record's fields."""

MAX_FIELDS = MAX_RECORD - 256
"""What is left of them beside the salt."""

ENVELOPE = ("v", "seq", "time", "event")
SALT, ERASED = "salt", "erased"
"""The salt's name among the fields, and what a reader puts in the place of fields that were erased."""

RESERVED = (*ENVELOPE, SALT, ERASED)


def body(event: str, fields: dict[str, object]) -> str:
    """The fields as JSON behind a fresh salt, at most MAX_RECORD bytes.

    Too large a field becomes its length and digest.
    `event` is for the message alone. Raises RecordError when they are no JSON, are named as the envelope is, or are
    too many.
    """
    for name in fields:
        if type(name) is not str or name in RESERVED:
            raise RecordError(f"{event}: a field may not be named {name!r}")
    try:
        sizes = {name: len(dumps(value)) for name, value in fields.items()}
        kept: dict[str, object] = {SALT: os.urandom(SALT_BYTES).hex(), **fields}
        names = sum(len(dumps(name)) + 2 for name in fields)
        for name in sorted(sizes, key=lambda name: -sizes[name]):
            if names + sum(sizes.values()) <= MAX_FIELDS:
                break
            kept[name] = {"omitted_bytes": sizes[name], "sha256": sha256_hex(dumps(fields[name]).encode("ascii"))}
            sizes[name] = len(dumps(kept[name]))
        text = dumps(kept)
    except (TypeError, ValueError, RecursionError) as error:
        raise RecordError(f"{event}: a field is not JSON ({type(error).__name__})") from None
    if len(text) > MAX_RECORD:
        raise RecordError(f"{event}: more than {MAX_RECORD} bytes in too many fields")
    return text
