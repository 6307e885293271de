"""Text from elsewhere, made safe for a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.terminal import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢", "plain é 漢"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\nb\rc\x00", "a\\nb\\rc\\x00"),
        ("x\u202ey", "x\\u202ey"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_could_drive_a_terminal_is_escaped(text: str, shown: str) -> None:
    """Escape sequences, line ends, bidirectional overrides and lone surrogates show as what they are."""
    assert printable(text) == shown


@given(st.text())
def test_nothing_unprintable_is_left(text: str) -> None:
    """Whatever comes in, every character that goes out can be printed."""
    assert printable(text).isprintable()
