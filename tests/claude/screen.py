"""What a person sees in a terminal: the part of ECMA-48 and xterm that the client uses, on a grid of characters."""

from __future__ import annotations

import re
from collections.abc import Callable

ROWS, COLUMNS = 50, 140

_PIECE = re.compile(
    r"\x1b\[(?P<given>[0-9;:?<>=!]*)[ -/]*(?P<command>[@-~])"  # control sequence
    r"|\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system command and other strings
    r"|\x1b[ -/]*[0-~]"  # two-character escape
    r"|(?P<control>[\x00-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;:?<>=! -/]*|[\]P_^X][^\x07\x1b]*\x1b?|[ -/]*)?$")


class Screen:
    """The grid. `write` takes what the program printed, in any pieces; `text` is what stands there now."""

    def __init__(self) -> None:
        self._rows = [[" "] * COLUMNS for _ in range(ROWS)]
        self._row = self._column = 0
        self._kept = ""

    @property
    def text(self) -> str:
        """The lines that hold something, each word once apart: how the interface wraps and frames is not said."""
        return "\n".join(line for row in self._rows if (line := "".join(row).strip()))

    @property
    def words(self) -> str:
        """All of it on one line, without frames, so that a sentence is found however it is wrapped."""
        return " ".join("".join(c if c.isprintable() and not "─" <= c <= "╿" else " " for c in self.text).split())

    def write(self, printed: str) -> None:
        """Carry out what `printed` says; an escape sequence that is cut off waits for its rest."""
        printed = self._kept + printed
        cut = _UNFINISHED.search(printed)
        self._kept = printed[cut.start() :] if cut else ""
        for piece in _PIECE.finditer(printed[: cut.start()] if cut else printed):
            if piece["text"]:
                self._put(piece["text"])
            elif piece["control"]:
                self._control(piece["control"])
            elif piece["command"]:
                self._command(piece["command"], piece["given"])

    def _put(self, text: str) -> None:
        for character in text:
            if self._column >= COLUMNS:
                self._column = 0
                self._line_feed()
            self._rows[self._row][self._column] = character
            self._column += 1

    def _control(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\n":
            self._line_feed()
        elif character == "\b":
            self._column = max(0, self._column - 1)
        elif character == "\t":
            self._column = min(COLUMNS - 1, self._column // 8 * 8 + 8)

    def _line_feed(self) -> None:
        if self._row + 1 < ROWS:
            self._row += 1
        else:
            self._rows = [*self._rows[1:], [" "] * COLUMNS]

    def _command(self, command: str, given: str) -> None:
        if given[:1] in ("?", "<", ">", "=", "!"):
            return  # modes of the terminal, no output
        numbers = [int(n) if n.isdigit() else 0 for n in given.split(";")]
        carry_out: dict[str, Callable[[list[int]], None]] = {
            "A": lambda n: self._go(self._row - (n[0] or 1), self._column),
            "B": lambda n: self._go(self._row + (n[0] or 1), self._column),
            "C": lambda n: self._go(self._row, self._column + (n[0] or 1)),
            "D": lambda n: self._go(self._row, self._column - (n[0] or 1)),
            "E": lambda n: self._go(self._row + (n[0] or 1), 0),
            "F": lambda n: self._go(self._row - (n[0] or 1), 0),
            "G": lambda n: self._go(self._row, (n[0] or 1) - 1),
            "d": lambda n: self._go((n[0] or 1) - 1, self._column),
            "H": lambda n: self._go((n[0] or 1) - 1, ((n[1:] or [1])[0] or 1) - 1),
            "J": self._erase_below,
            "K": self._erase_line,
        }
        if command in carry_out:
            carry_out[command](numbers)

    def _go(self, row: int, column: int) -> None:
        self._row, self._column = min(max(row, 0), ROWS - 1), min(max(column, 0), COLUMNS - 1)

    def _erase_line(self, numbers: list[int]) -> None:
        first, last = {0: (self._column, COLUMNS), 1: (0, self._column + 1)}.get(numbers[0], (0, COLUMNS))
        self._rows[self._row][first:last] = [" "] * (last - first)

    def _erase_below(self, numbers: list[int]) -> None:
        if numbers[0] == 0:
            self._erase_line([0])
        first, last = {0: (self._row + 1, ROWS), 1: (0, self._row)}.get(numbers[0], (0, ROWS))
        for row in range(first, last):
            self._rows[row] = [" "] * COLUMNS
