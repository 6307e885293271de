"""The stand-in for a terminal, so that what the dialog tests say about the screen can be believed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.claude.screen import COLUMNS, ROWS, Screen
from tests.claude.terminal import NotShown, Terminal


def screen(*printed: str) -> Screen:
    """A screen on which this was printed."""
    shown = Screen()
    for piece in printed:
        shown.write(piece)
    return shown


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("one\r\ntwo", "one\ntwo"),
        ("wrong\rright", "right"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("one\x1b[3Ctwo", "one   two"),
        ("\x1b[5;10Hhere\x1b[Hfirst", "first\nhere"),
        ("one\r\ntwo\x1b[1Aup\r\x1b[2Kgone", "gone\ntwo"),
        ("one\r\ntwo\x1b[2Jleft", "left"),
        ("one two\x1b[4D\x1b[K", "one"),
        ("one\r\ntwo\r\nthree\x1b[2;1H\x1b[J", "one"),
        ("\x1b]0;a title\x07seen\x1b]8;;http://x\x1b\\", "seen"),
        ("\x1b[?2026h\x1b[>1u\x1b(Bseen\x1b[?25l", "seen"),
    ],
)
def test_what_is_printed_is_what_stands_there(printed: str, text: str) -> None:
    """Moves, erasures and colours do what a terminal does, also when the output comes character by character."""
    assert screen(printed).text == text
    assert screen(*printed).text == text


def test_text_wraps_and_scrolls() -> None:
    """A line longer than the screen goes on below; the first lines leave at the top."""
    assert screen("x" * (COLUMNS + 1)).text == "x" * COLUMNS + "\nx"
    assert screen(*(f"{number}\r\n" for number in range(ROWS))).text.split("\n")[0] == "1"


def test_words_are_free_of_frames_and_line_breaks() -> None:
    """A sentence is found however it is wrapped and framed."""
    assert screen("╭───╮\r\n│ do you │\r\n│ want it │\r\n╰───╯").words == "do you want it"


def test_a_program_is_watched_and_answered(tmp_path: Path) -> None:
    """What it prints is seen, what is pressed reaches it, and its questions about the terminal are answered."""
    program = "import sys, tty; tty.setraw(0); print('\\x1b[cready', end='', flush=True); "
    program += "print(ascii(sys.stdin.buffer.raw.read(64) + sys.stdin.buffer.raw.read(64)), flush=True)"
    with Terminal([sys.executable, "-c", program], tmp_path, {}) as terminal:
        terminal.until("ready")
        terminal.press("yes")
        terminal.until("yes")
        assert "[?62c" in terminal.screen.words


def test_what_never_comes_is_an_error_with_the_picture(tmp_path: Path) -> None:
    """A program that ends without showing what was waited for fails the step at once, and says what it showed."""
    program = [sys.executable, "-c", "print('something else')"]
    with Terminal(program, tmp_path, {}) as terminal, pytest.raises(NotShown, match="something else"):
        terminal.until("the dialog")
