"""The pack's layout: what is joined is what is split, and nothing else is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard import pack
from secretguard.detect.hyperscan import HyperscanMatcher, Refused, compile_database
from secretguard.pack_file import HEADER, MAX_BYTES, PackError, join
from secretguard.pack_file import split as split_file

KEY = "ab" * 32
parts = st.binary(max_size=150)


def split(data: bytes, key: str) -> tuple[bytes, bytes, bytes]:
    """The parts of a pack with these bytes."""
    return split_file(lambda at, size: data[at : at + size], len(data), key)


@given(parts, parts, parts)
def test_round_trip(table: bytes, codes: bytes, database: bytes) -> None:
    """The three parts come back, line ends and empty ones included."""
    assert split(join(KEY, table, codes, database), KEY) == (table, codes, database)


@given(parts, parts, parts, st.data())
def test_any_flipped_bit_is_found(table: bytes, codes: bytes, database: bytes, data: st.DataObject) -> None:
    """One changed bit anywhere is refused, where no engine looks at the database."""
    good = join(KEY, table, codes, database)
    at, bit = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 7))
    bad = good[:at] + bytes([good[at] ^ (1 << bit)]) + good[at + 1 :]
    with pytest.raises(PackError):
        split(bad, KEY)


DATABASE = compile_database(pack.native_module(), [b"ghp_[A-Za-z0-9]{36}", b"[0-9a-f]{32}x"])


@given(st.integers(0, len(DATABASE) - 1), st.integers(0, 7))
def test_any_flipped_bit_of_a_database_is_found(at: int, bit: int) -> None:
    """What the digest leaves to the engine, the engine checks: between them they see every bit."""
    good = join(KEY, b"table", b"codes", DATABASE)
    at += len(good) - len(DATABASE)
    with pytest.raises((PackError, Refused)):
        HyperscanMatcher(
            pack.native_module(), split(good[:at] + bytes([good[at] ^ (1 << bit)]) + good[at + 1 :], KEY)[2]
        )


def test_the_checksum_stands_in_the_part_that_the_digest_covers() -> None:
    """Two databases that differ only in their code differ in the header: one cannot stand in for another."""
    other = compile_database(pack.native_module(), [b"ghs_[A-Za-z0-9]{36}", b"[0-9a-f]{32}y"])
    assert other[:HEADER] != DATABASE[:HEADER]
    with pytest.raises(PackError):
        split(join(KEY, b"t", b"c", DATABASE).replace(DATABASE, other), KEY)


@given(st.binary(max_size=300))
def test_anything_else_is_refused(junk: bytes) -> None:
    """No other bytes are a pack, and none crash the reader."""
    with pytest.raises(PackError):
        split(junk, KEY)


def test_another_installations_pack_and_one_too_large_are_refused() -> None:
    """The key must be ours; the size is bounded when it is made."""
    with pytest.raises(PackError, match="another installation"):
        split(join("cd" * 32, b"t", b"c", b"d"), KEY)
    with pytest.raises(PackError, match="the most is"):
        join(KEY, b"", b"", bytes(MAX_BYTES))
