"""The signed statement: one canonical form, everything else refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.errors import GuardError
from secretguard.review.statement import MAX_BYTES, Statement, parse

ARMOUR = b"-----BEGIN SSH SIGNATURE-----\nxx\n-----END SSH SIGNATURE-----\n"
GOOD = Statement("ab" * 16, "refs/heads/main", "0" * 40, "1" * 40)


def test_statement_survives_the_round_trip() -> None:
    """What is encoded is what is parsed, with the armour kept to the byte."""
    assert parse(GOOD.encode() + ARMOUR) == (GOOD, ARMOUR)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"secretguard-review-v1", b"secretguard-review-v2"),
        (b"verdict: approve\n", b"verdict: approve\nextra: 1\n"),
        (b"verdict: approve\n", b""),
        (b"tree: ", b"tree:  "),
        (b"\nref:", b"\r\nref:"),
        (b"1111", b"XYZ1"),
    ],
)
def test_any_other_form_is_refused(old: bytes, new: bytes) -> None:
    """A changed version, field, order, space, line end or id is not the statement that was signed."""
    text = GOOD.encode()
    assert old in text
    with pytest.raises(GuardError):
        parse(text.replace(old, new, 1) + ARMOUR)


def test_unsigned_and_oversized_reviews_are_refused() -> None:
    """Without an armoured signature, or beyond the cap, nothing is parsed."""
    with pytest.raises(GuardError, match="not signed"):
        parse(GOOD.encode())
    with pytest.raises(GuardError, match="larger"):
        parse(b"x" * (MAX_BYTES + 1))


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_parser(data: bytes) -> None:
    """Whatever is pushed as a review ends in a value or in GuardError."""
    try:
        statement, _ = parse(data + ARMOUR)
    except GuardError:
        return
    assert data.startswith(statement.encode())
