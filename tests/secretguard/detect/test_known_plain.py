"""Known values where the values themselves are at hand: inside words and split."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.detect.known_plain import Plain

STRONG, WEAK = b"Tr0ub4dor" + b"&3-horse", b"sunshine"
PLAIN = Plain([(STRONG, False, "A", "A of .env"), (WEAK, True, "B", "B of .env")])


def found(data: bytes) -> list[bytes]:
    return [data[one.start : one.end] for one in PLAIN.scan(data)]


def test_inside_another_word() -> None:
    """What stands right before and after it does not matter."""
    assert found(b"xx" + STRONG + b"yy" + STRONG) == [STRONG, STRONG]


@pytest.mark.parametrize("between", [b"\n", b"\r\n", b" ", b"\n    ", b" | \n | ", b"\t"])
def test_split_over_lines(between: bytes) -> None:
    """Wrapped by a terminal or a table; the place is from its first to its last character."""
    split = STRONG[:6] + between + STRONG[6:]
    assert found(b"a " + split + b" b") == [split]


def test_encoded_inside_another_word() -> None:
    """In base64 at any place."""
    encoded = base64.b64encode(b"xx" + STRONG + b"yy").rstrip(b"=")
    assert found(b"a " + encoded + b" b") == [encoded]


def test_a_weak_value_needs_its_name() -> None:
    """As in a hook; and it is not looked for over line ends."""
    assert found(b"the sunshine") == []
    assert found(b"password: sunshine") == [WEAK]
    assert found(b"password: sun\nshine") == []


def test_without_values_nothing_is_found() -> None:
    """A project without files of secrets."""
    assert Plain([]).scan(b"x" * 100) == []


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_around(before: bytes, after: bytes) -> None:
    """The value is covered whatever stands around it."""
    data = before + STRONG + after
    at = data.index(STRONG)
    assert any(one.start <= at and at + len(STRONG) <= one.end for one in PLAIN.scan(data))
