"""Text from elsewhere, made safe for a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.terminal import name_as_text, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢", "plain é 漢"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\nb\rc\x00", "a\\nb\\rc\\x00"),
        ("x\u202ey", "x\\u202ey"),
        ("\ud800", "\\ud800"),
        ("\udcff", "\\xff"),
    ],
)
def test_what_could_drive_a_terminal_is_escaped(text: str, shown: str) -> None:
    """Escape sequences, line ends, bidirectional overrides and lone surrogates show as what they are."""
    assert printable(text) == shown


@given(st.text())
def test_nothing_unprintable_is_left(text: str) -> None:
    """Whatever comes in, every character that goes out can be printed."""
    assert printable(text).isprintable()


@pytest.mark.parametrize(
    ("name", "told"), [("é\n", "é\n"), ("a\udcff\n", "a\\xff\n"), ("\ud800\udcff", "\\ud800\\udcff")]
)
def test_names_that_are_no_text(name: str, told: str) -> None:
    """A byte that is no UTF-8 is shown as that byte; what no file system gives is shown as what it is."""
    assert name_as_text(name) == told


@given(st.text(st.characters(codec=None)))
def test_every_name_becomes_text(name: str) -> None:
    """No half of a character is left, whatever the name."""
    name_as_text(name).encode("utf-8")
