"""The pack's layout: what is joined is what is split, and nothing else is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.pack_file import MAX_BYTES, PackError, join, split

KEY = "ab" * 32
parts = st.binary(max_size=200)


@given(parts, parts, parts)
def test_round_trip(table: bytes, codes: bytes, database: bytes) -> None:
    """The three parts come back, line ends and empty ones included."""
    assert split(join(KEY, table, codes, database), KEY) == (table, codes, database)


@given(parts, parts, parts, st.data())
def test_any_flipped_bit_is_found(table: bytes, codes: bytes, database: bytes, data: st.DataObject) -> None:
    """One changed bit anywhere is refused."""
    good = join(KEY, table, codes, database)
    at, bit = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 7))
    bad = good[:at] + bytes([good[at] ^ (1 << bit)]) + good[at + 1 :]
    with pytest.raises(PackError):
        split(bad, KEY)


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
