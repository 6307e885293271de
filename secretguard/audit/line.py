r"""One line of the journal: `{envelope}\t{fields}\t{prev}\t{hash}\n`. Hot path.

    envelope   {"v":2,"seq":N,"time":"…","event":"…","fields":"SHA-256 of the second column"}
    fields     {"salt":"16 random bytes",…}   what the event says
    prev, hash hash = SHA-256(prev ‖ envelope), both as 64 hex characters

The exact bytes are kept and hashed, nothing is serialised again to verify. The JSON is ASCII without control
characters, so that no field can end a line or start a column.

The chain covers the fields by their digest alone. So they can be erased (overwritten by as many dashes,
`audit/erase.py`) without breaking it, and the salt keeps anyone from guessing them back from the digest that stays.

Version 1, which is still read, had no such digest: `{envelope and fields}\t{prev}\t{hash}\n`.
"""

from __future__ import annotations

from secretguard.keyed import sha256_hex

VERSION = 2
VERSIONS = (2, 1)
GENESIS = "0" * 64
"""What the first record follows."""
SALT_BYTES = 16
LONGEST = 64 * 1024
"""Bytes of a line; the writer's records are half of that at most."""
BLANK = b"-"
"""What erased fields are overwritten with."""

_HEX = 64
TAIL = 2 * (_HEX + 1)
"""Bytes of `\\t{prev}\\t{hash}`."""
_DIGITS = b"0123456789abcdef"
_CLOSING = b'"}'

TYPE_CHECKING = False
if TYPE_CHECKING:
    Columns = tuple[bytes, str, str, bytes | None]


def seal(seq: int, time: str, event: str, fields: str, prev: str) -> tuple[bytes, str]:
    """The line (with its newline) of record `seq` after the record with hash `prev`, and the line's own hash.

    `fields` is a JSON object that begins with its salt.
    """
    digest = sha256_hex(fields.encode("ascii"))
    envelope = f'{{"v":{VERSION},"seq":{seq},"time":"{time}","event":"{event}","fields":"{digest}"}}'
    own = sha256_hex((prev + envelope).encode("ascii"))
    return f"{envelope}\t{fields}\t{prev}\t{own}\n".encode("ascii"), own


def columns(line: bytes) -> Columns | None:
    """(envelope, prev, hash, fields) of a line without its newline, or None when it does not have the form.

    Fields are None in a line of version 1, whose envelope holds them. Checks no hash.
    """
    if len(line) <= TAIL or line[-TAIL] != 9 or line[-_HEX - 1] != 9 or line[:1] != b"{":
        return None
    prev, own = line[-TAIL + 1 : -_HEX - 1], line[-_HEX:]
    if prev.strip(_DIGITS) or own.strip(_DIGITS):
        return None
    envelope, tab, fields = line[:-TAIL].partition(b"\t")
    return envelope, prev.decode("ascii"), own.decode("ascii"), fields if tab else None


def fields_digest(envelope: bytes) -> bytes:
    """The digest of the fields that an envelope of version 2 states, as it stands there; b"" where there is none."""
    return envelope[-_HEX - 2 : -2] if envelope.endswith(_CLOSING) else b""


def follows(line: bytes, prev: str, seq: int) -> str:
    """The hash of `line` (without its newline) if it is record `seq` and follows `prev`, else "".

    Fields are not compared with their digest: they may have been erased, which a verifier looks into.
    """
    parts = columns(line)
    if parts is None or parts[1] != prev or not is_record(parts[0], seq):
        return ""
    return parts[2] if sha256_hex(prev.encode("ascii") + parts[0]) == parts[2] else ""


def is_record(envelope: bytes, seq: int) -> bool:
    """Whether an envelope begins as that of record `seq` does; number and time are always written first."""
    return envelope.startswith((b'{"v":2,"seq":%d,"time":"' % seq, b'{"v":1,"seq":%d,"time":"' % seq))
