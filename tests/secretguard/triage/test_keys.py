"""Bytes of a terminal into keys."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secretguard.triage.keys import BACKSPACE, CLEAR, END, ENTER, ESCAPE, LEFT, LONGEST, RIGHT, Keys


def test_keys() -> None:
    """Characters are themselves, also of several bytes; control keys have names; others are dropped."""
    keys = Keys()
    assert keys.feed("aä\r\n\x7f\x08\x15\x04\x01\t".encode()) == [
        "a", "ä", ENTER, ENTER, BACKSPACE, BACKSPACE, CLEAR, END,
    ]  # fmt: skip
    assert keys.feed(b"\x1b[D\x1b[C\x1bOD\x1b[15~\x1bx\x1b[1;5Dq") == [LEFT, RIGHT, LEFT, LEFT, "q"]


def test_sequence_in_pieces() -> None:
    """A sequence may come byte by byte; an escape that nothing follows is the escape key."""
    keys = Keys()
    assert [keys.feed(bytes([byte])) for byte in b"\x1b[D"] == [[], [], [LEFT]]
    assert [keys.feed(bytes([byte])) for byte in "ä".encode()] == [[], ["ä"]]
    assert keys.feed(b"\x1b") == []
    assert keys.unfinished
    assert keys.flush() == [ESCAPE]
    assert not keys.unfinished
    assert keys.flush() == []


def test_sequence_without_an_end() -> None:
    """What is too long to be one is dropped, and keys work again."""
    keys = Keys()
    assert keys.feed(b"\x1b[" + b"1" * LONGEST) == []
    assert not keys.unfinished
    assert keys.feed(b"q") == ["q"]


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_any_bytes(pieces: list[bytes]) -> None:
    """No input fails or is kept for ever, and no key has a control character."""
    keys = Keys()
    for piece in pieces:
        assert all(key.isprintable() for key in keys.feed(piece))
    keys.flush()
    assert keys.feed(b"q")[-1:] == ["q"]
