"""One finding as a picture of a terminal's size. Pure: lines in, lines out; no secret comes here unmasked."""

from __future__ import annotations

from dataclasses import dataclass

import click
from rich.cells import cell_len, set_cell_size

from secretguard.report.located import Located
from secretguard.terminal import printable
from secretguard.triage.context import Context

FEWEST_COLUMNS, FEWEST_ROWS = 40, 12

KEYS = "a accept   r real   s skip   b back   e editor   q save and quit"
_AROUND = 9
"""Rows that are not for the lines round the finding."""


@dataclass(frozen=True, slots=True)
class View:
    """What is to be seen: of which file, which finding of how many, how far a person is, and what was said of it.

    `status` says what the baseline holds of the finding; `message` is the last line: a question, or what went wrong.
    """

    file: str
    number: int
    total: int
    accepted: int
    real: int
    finding: Located
    places: int
    status: str
    context: Context
    message: str = ""


def around(rows: int) -> int:
    """How many lines before and after the finding's own fit into a window of `rows`."""
    return max(0, (rows - _AROUND - 1) // 2)


def picture(view: View, columns: int, rows: int, colour: bool) -> list[str]:
    """At most `rows` lines of at most `columns` cells."""
    if columns < FEWEST_COLUMNS or rows < FEWEST_ROWS:
        small = f"the window needs {FEWEST_COLUMNS} x {FEWEST_ROWS}; q quits"
        return [_fitted(small, max(1, columns))]
    finding = view.finding
    done = f"{view.number} of {view.total}: {view.accepted} accepted, {view.real} real"
    more = f"  ({view.places} places in this file)" if view.places > 1 else ""
    place = f"{printable(finding.path)}:{finding.line}:{finding.column}{more}"
    what = f"{finding.rule_id}  {printable(finding.description)}  {finding.masked}  ({finding.confidence} confidence)"
    top = [
        _sides(f"review {printable(view.file)}", done, columns),
        "─" * columns,
        _painted(_fitted(place, columns), colour, bold=True),
        _painted(_fitted(what, columns), colour, fg="yellow"),
        _fitted(printable(view.status), columns),
        "",
    ]
    bottom = ["─" * columns, _fitted(KEYS, columns), _painted(_tail(view.message, columns), colour, bold=True)]
    return [*top, *_middle(view.context, finding, columns, rows - len(top) - len(bottom), colour), *bottom]


def _middle(context: Context, finding: Located, columns: int, rows: int, colour: bool) -> list[str]:
    if context.reason:
        lines = [_fitted(f"  not shown: {printable(context.reason)}", columns)]
    else:
        width = len(str(max((number for number, _ in context.lines), default=0)))
        numbers = [number for number, _ in context.lines]
        here = numbers.index(finding.line) if finding.line in numbers else 0
        first = max(0, min(here - rows // 2, len(numbers) - rows))
        shown = context.lines[first : first + rows]
        lines = [_line(number, text, context, finding, columns, width, colour) for number, text in shown]
    return (lines + [""] * rows)[:rows]


def _line(number: int, text: str, context: Context, finding: Located, columns: int, width: int, colour: bool) -> str:
    here = number == finding.line
    room = columns - width - 5
    if here and context.column > room // 2 and cell_len(text) > room:
        text = "…" + text[context.column - room // 2 :]
    shown = _fitted(f"{'>' if here else ' '} {number:>{width}} │ {text}", columns)
    return _painted(shown, colour, fg="red") if here else shown


def _sides(left: str, right: str, columns: int) -> str:
    room = columns - cell_len(right) - 2
    return _fitted(set_cell_size(left, room) + "  " + right if room > 8 else right, columns)


def _fitted(text: str, columns: int) -> str:
    return text if cell_len(text) <= columns else set_cell_size(text, columns - 1) + "…"


def _tail(text: str, columns: int) -> str:
    """The end of a line that is being typed."""
    while cell_len(text) > columns:
        text = text[1:]
    return text


def _painted(text: str, colour: bool, fg: str | None = None, bold: bool = False) -> str:
    return click.style(text, fg=fg, bold=bold) if colour else text
