"""One line of the journal: `{json}\\t{prev}\\t{hash}\\n`, hash = SHA-256(prev ‖ json), both as 64 hex characters.

The exact bytes are kept and hashed, nothing is serialised again to verify. The JSON is ASCII without control
characters, so that no field can end a line or start a column. Hot path.
"""

from __future__ import annotations

from secretguard.keyed import sha256_hex

VERSION = 1
GENESIS = "0" * 64
"""What the first record follows."""

_HEX = 64
_TAIL = 2 * (_HEX + 1)
_DIGITS = b"0123456789abcdef"


def seal(body: str, prev: str) -> tuple[bytes, str]:
    """The line (with its newline) that holds `body` after the record with hash `prev`, and the line's own hash."""
    own = sha256_hex((prev + body).encode("ascii"))
    return f"{body}\t{prev}\t{own}\n".encode("ascii"), own


def columns(line: bytes) -> tuple[bytes, str, str] | None:
    """(json, prev, hash) of a line without its newline, or None when it does not have the form. Checks no hash."""
    if len(line) <= _TAIL or line[-_TAIL] != 9 or line[-_HEX - 1] != 9 or line[:1] != b"{":
        return None
    prev, own = line[-_TAIL + 1 : -_HEX - 1], line[-_HEX:]
    if prev.strip(_DIGITS) or own.strip(_DIGITS):
        return None
    return line[:-_TAIL], prev.decode("ascii"), own.decode("ascii")


def follows(line: bytes, prev: str, seq: int) -> str:
    """The hash of `line` (without its newline) if it is record `seq` and follows `prev` unaltered, else ""."""
    parts = columns(line)
    if parts is None or parts[1] != prev or not parts[0].startswith(opening(seq)):
        return ""
    return parts[2] if sha256_hex(prev.encode("ascii") + parts[0]) == parts[2] else ""


def opening(seq: int) -> bytes:
    """How the JSON of record `seq` begins; the envelope is always written first."""
    return b'{"v":%d,"seq":%d,"time":"' % (VERSION, seq)
