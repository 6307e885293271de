"""Templates to HTML. Whatever a page shows was written by others: every value is escaped here, whoever forgets to.

Autoescape makes markup text; `finalize` makes visible what reorders or hides text (bidi overrides, control and
zero-width characters), so that a purpose cannot read as another one; an undefined name is an error.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from secretguard.terminal import printable

SHOWN = 4000
"""Longest single value on a page, in characters; the record's own page has the whole."""


def environment() -> jinja2.Environment:
    """The templates of this package."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(utc=utc, span=span, exact=exact, count=count)
    return made


def visible(value: Any) -> Any:
    """A value as it may stand on a page: no character that hides or moves others, and not without end."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    shown = "".join(c if c in "\n\t" else printable(c) for c in value[:SHOWN])
    return shown if len(value) <= SHOWN else f"{shown}… ({len(value)} characters)"


def exact(value: str) -> Markup:
    """A whole record, however long, still escaped and with hidden characters made visible."""
    return escape("".join(c if c in "\n\t" else printable(c) for c in value))


def utc(value: float | str, day: float | None = None) -> Markup:
    """A time, as Unix seconds or as ISO 8601 with its zone, for people (UTC, to the second) and for programs. With
    `day` (Unix seconds) the date is left out where it is that day's."""
    try:
        if isinstance(value, str):
            moment = datetime.datetime.fromisoformat(value).astimezone(datetime.UTC)
        else:
            moment = datetime.datetime.fromtimestamp(value, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return escape(visible(str(value)))
    same = day is not None and moment.date() == datetime.datetime.fromtimestamp(day, datetime.UTC).date()
    shown = moment.strftime("%H:%M:%S" if same else "%Y-%m-%d %H:%M:%S")
    return Markup('<time datetime="{}Z">{}</time>').format(moment.strftime("%Y-%m-%dT%H:%M:%S"), shown)


def span(seconds: float) -> str:
    """A length of time in two units at most: `3 h 5 min`."""
    left, parts = max(0, int(seconds)), []
    for size, name in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number} {name}")
    return " ".join(parts[:2]) or "0 s"


def count(number: int, noun: str) -> str:
    """`1 run`, `2 runs`, `3 entries`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"
