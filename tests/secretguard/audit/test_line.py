from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.line import GENESIS, columns, follows, opening, seal

BODY = '{"v":1,"seq":1,"time":"2026-01-01T00:00:00.000Z","event":"journal:file:started"}'


def test_hash_is_sha256_over_previous_hash_and_json() -> None:
    """A line can be checked with any SHA-256 tool: hash = SHA-256(prev ‖ json)."""
    line, own = seal(BODY, GENESIS)
    assert own == hashlib.sha256((GENESIS + BODY).encode()).hexdigest()
    assert line == f"{BODY}\t{GENESIS}\t{own}\n".encode()


def test_follows_wants_the_hash_before_and_the_number() -> None:
    """A line follows only the record that it names, as the number that is due."""
    line, own = seal(BODY, GENESIS)
    assert follows(line[:-1], GENESIS, 1) == own
    assert follows(line[:-1], "1" * 64, 1) == ""
    assert follows(line[:-1], GENESIS, 2) == ""
    assert opening(1) in line


def test_every_flipped_bit_is_seen() -> None:
    """No single bit of a line can change without the line losing its place."""
    line = seal(BODY, GENESIS)[0][:-1]
    for at in range(len(line)):
        for bit in range(8):
            changed = line[:at] + bytes([line[at] ^ (1 << bit)]) + line[at + 1 :]
            assert follows(changed, GENESIS, 1) == "", f"bit {bit} of byte {at}"


@given(st.binary(max_size=400))
def test_columns_takes_any_bytes(data: bytes) -> None:
    """Whatever is in the file, taking it apart gives columns or None, never an exception."""
    parts = columns(data)
    assert parts is None or len(parts[1]) == len(parts[2]) == 64


def test_upper_case_hashes_are_no_columns() -> None:
    """A hash has one spelling."""
    line, own = seal(BODY, GENESIS)
    assert columns(line[:-1].replace(own.encode(), own.upper().encode())) is None
