from __future__ import annotations

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.line import BLANK, GENESIS, columns, fields_digest, follows, is_record, seal

FIELDS = '{"salt":"00","host":"here"}'
RECORD = (1, "2026-01-01T00:00:00.000Z", "journal:file:started", FIELDS, GENESIS)
OLD = b'{"v":1,"seq":7,"time":"2026-01-01T00:00:00.000Z","event":"guard:read:allowed"}'


def test_any_sha256_tool_can_check_a_line() -> None:
    """hash = SHA-256(prev ‖ envelope), and the envelope states the SHA-256 of the fields."""
    line, own = seal(*RECORD)
    envelope, fields, prev, end = line.split(b"\t")
    assert (prev, end) == (GENESIS.encode(), own.encode() + b"\n")
    assert own == hashlib.sha256(GENESIS.encode() + envelope).hexdigest()
    assert json.loads(envelope)["fields"] == hashlib.sha256(fields).hexdigest() == fields_digest(envelope).decode()
    assert fields == FIELDS.encode()


def test_follows_wants_the_hash_before_and_the_number() -> None:
    """A line follows only the record that it names, as the number that is due."""
    line, own = seal(*RECORD)
    assert follows(line[:-1], GENESIS, 1) == own
    assert follows(line[:-1], "1" * 64, 1) == ""
    assert follows(line[:-1], GENESIS, 2) == ""
    assert is_record(line, 1)


def test_a_line_of_the_first_version_is_still_a_record() -> None:
    """A journal that was begun before records had erasable fields goes on."""
    own = hashlib.sha256(GENESIS.encode() + OLD).hexdigest()
    line = OLD + f"\t{GENESIS}\t{own}".encode()
    assert columns(line) == (OLD, GENESIS, own, None)
    assert follows(line, GENESIS, 7) == own


def test_erased_fields_leave_the_record_its_place() -> None:
    """Overwriting the fields with dashes breaks no chain."""
    line, own = seal(*RECORD)
    erased = line.replace(FIELDS.encode(), BLANK * len(FIELDS))
    assert follows(erased[:-1], GENESIS, 1) == own


def test_every_flipped_bit_outside_the_fields_is_seen() -> None:
    """No single bit of envelope or hashes can change without the line losing its place."""
    line = seal(*RECORD)[0][:-1]
    fields = range(line.index(FIELDS.encode()), line.index(FIELDS.encode()) + len(FIELDS))
    for at in range(len(line)):
        for bit in range(8):
            changed = line[:at] + bytes([line[at] ^ (1 << bit)]) + line[at + 1 :]
            if at not in fields:
                assert follows(changed, GENESIS, 1) == "", f"bit {bit} of byte {at}"


@given(st.binary(max_size=400))
def test_columns_takes_any_bytes(data: bytes) -> None:
    """Whatever is in the file, taking it apart gives columns or None, never an exception."""
    parts = columns(data)
    assert parts is None or len(parts[1]) == len(parts[2]) == 64


def test_upper_case_hashes_are_no_columns() -> None:
    """A hash has one spelling."""
    line, own = seal(*RECORD)
    assert columns(line[:-1].replace(own.encode(), own.upper().encode())) is None
