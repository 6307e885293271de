"""Rows: each is read when it is asked for, once, and a broken one harms no other."""

from __future__ import annotations

import pytest

from secretguard.detect.rows import Rows
from secretguard.rawjson import JsonError


def test_a_row_is_read_when_it_is_asked_for() -> None:
    """Rows are values by number; the same object each time."""
    rows = Rows([b'["a",1]', b"[null]"])
    assert len(rows) == 2
    assert rows[0] == ["a", 1]
    assert rows[0] is rows[0]
    assert list(rows) == [["a", 1], [None]]


def test_a_broken_row_is_an_error_where_it_is_needed() -> None:
    """A row that is no JSON is told when it is read, and no such row ends the sequence."""
    rows = Rows([b"[1]", b"["])
    assert rows[0] == [1]
    with pytest.raises(JsonError):
        rows[1]
    with pytest.raises(IndexError):
        rows[2]
