"""What two byte strings have in common: never more than they have, and hardly less."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secretguard.history.alike import COARSE, common_end, common_start

TEXT = st.binary(max_size=400) | st.binary(max_size=6).map(lambda part: part * 60)


def _exactly(one: bytes, other: bytes) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


@given(start=TEXT, one=TEXT, other=TEXT)
def test_common_start(start: bytes, one: bytes, other: bytes) -> None:
    """At most what they have, at least that less COARSE."""
    real = _exactly(start + one, start + other)
    assert real - COARSE <= common_start(start + one, start + other) <= real


@given(one=TEXT, other=TEXT, end=TEXT, most=st.integers(0, 900))
def test_common_end(one: bytes, other: bytes, end: bytes, most: int) -> None:
    """The same from the end, and never more than is asked for."""
    a, b = one + end, other + end
    most = min(most, len(a), len(b))
    real = min(most, _exactly(a[::-1], b[::-1]))
    assert real - COARSE <= common_end(a, b, most) <= real


def test_equal() -> None:
    """What is equal is equal to its last byte."""
    assert common_start(b"a" * 1000, b"a" * 1000) == 1000
    assert common_start(b"a" * 1000, b"a" * 900) == 900
