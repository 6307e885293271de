"""The picture of one finding: it fits into any window."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from secretguard.triage.context import Context
from secretguard.triage.screen import FEWEST_COLUMNS, FEWEST_ROWS, KEYS, View, around, picture
from tests.secretguard.report.test_json_report import FOUND

LINES = tuple((number, f"line {number} 漢字 " + "w" * number) for number in range(1, 60))
VIEW = View("base", 2, 9, 1, 0, FOUND._replace(line=30), 3, "open", Context(LINES, 5, FOUND), "a question? ")


@given(st.integers(1, 200), st.integers(1, 80), st.integers(0, 90), st.text(max_size=300), st.booleans())
def test_it_fits(columns: int, rows: int, column: int, message: str, gone: bool) -> None:
    """Whatever the size: no more lines than the window has, none wider than it, and no control characters."""
    context = Context(reason="it is gone") if gone else Context(LINES, column, FOUND)
    lines = picture(replace(VIEW, context=context, message=message.strip("\n")), columns, rows, colour=False)
    assert len(lines) <= rows
    assert max(map(cell_len, lines)) <= columns


def test_what_is_there() -> None:
    """File, progress, place, mask, status, the keys, the question; the finding's line is marked and in view."""
    rows = 24
    near = tuple(line for line in LINES if abs(line[0] - 30) <= around(rows))
    lines = picture(replace(VIEW, context=Context(near, 5, FOUND)), 100, rows, colour=False)
    text = "\n".join(lines)
    for words in ("review base", "2 of 9: 1 accepted, 0 real", ":30:", "(3 places", FOUND.masked, KEYS):
        assert words in text
    assert [line for line in lines if line.startswith(">")] == [lines[6 + around(rows)]]
    assert lines[-1] == "a question? "
    assert len(lines) == rows


def test_colour_and_none() -> None:
    """Colour is more around the same words."""
    plain, painted = (picture(VIEW, 100, 24, colour) for colour in (False, True))
    assert "\x1b" not in "".join(plain)
    assert "\x1b[31m" in "".join(painted)


def test_finding_far_to_the_right() -> None:
    """A long line is shown from near the finding on."""
    long = Context(((30, "w" * 300 + "HERE" + "w" * 300),), 300, FOUND)
    [line] = [line for line in picture(replace(VIEW, context=long), 80, 24, False) if line.startswith(">")]
    assert "HERE" in line


def test_too_small() -> None:
    """It says what it needs."""
    assert "40 x 12" in picture(VIEW, FEWEST_COLUMNS, FEWEST_ROWS - 1, False)[0]
