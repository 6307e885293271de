"""Values on their way into a page."""

from __future__ import annotations

import datetime

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from broker.web.render import SHOWN, count, environment, exact, span, utc, visible

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) x='",
    "{{ 7*7 }}",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_in_a_value_is_text(text: str) -> None:
    """No value opens a tag, ends an attribute or is run as a template, in text as in a quoted attribute."""
    page = environment().from_string('<a title="{{ value }}">{{ value }}</a>').render(value=text)
    assert page.count("<") == 2
    assert page.count('"') == 2
    assert "49" not in page


@given(st.text())
def test_what_is_shown_cannot_hide_or_reorder(text: str) -> None:
    """Only printable characters, new lines and tabs remain, whatever came in; plain text remains as it was."""
    shown = visible(text)
    assert all(c.isprintable() or c in "\n\t" for c in shown)
    if text.isascii() and text.isprintable() and len(text) <= SHOWN:
        assert shown == text


def test_an_override_of_direction_is_seen() -> None:
    """The trick that shows `exe.txt` for `txt.exe` shows itself."""
    page = environment().from_string("{{ value }}").render(value="plan\u202etxt.exe\x1b[2J\u200b")
    assert page == "plan\\u202etxt.exe\\x1b[2J\\u200b"


def test_a_long_value_is_cut_and_says_so() -> None:
    """A page does not grow with one value; a record's own page has all of it."""
    shown = visible("x" * 10_000)
    assert shown.endswith("… (10000 characters)")
    assert len(shown) < SHOWN + 30
    assert len(exact("x" * 10_000)) == 10_000


def test_a_whole_record_is_escaped_too() -> None:
    """What is shown as a whole passes the same way."""
    assert exact("<b>\u202e\n") == "&lt;b&gt;\\u202e\n"


def test_an_undefined_name_is_an_error() -> None:
    """A page with a hole in it is not shown."""
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ nothing }}").render()


def test_times_are_utc_and_readable_by_programs() -> None:
    """Unix seconds and ISO 8601 give the same; the date is left out on its own day alone."""
    assert utc(0) == Markup('<time datetime="1970-01-01T00:00:00Z">1970-01-01 00:00:00</time>')
    assert utc("1970-01-01T02:00:00+02:00") == utc(0)
    assert utc(60, day=0) == Markup('<time datetime="1970-01-01T00:01:00Z">00:01:00</time>')
    assert ">1970-01-02 00:00:00<" in utc(86_400, day=0)


@given(st.one_of(st.text(), st.floats(), st.integers()))
def test_no_time_breaks_a_page(value: float | str) -> None:
    """What is no time shows as what it is, escaped."""
    shown = utc(value)
    assert isinstance(shown, Markup)
    assert "<" not in shown.removeprefix("<time").removesuffix("</time>")


def test_lengths_of_time_are_short() -> None:
    """Two units at most, the largest first."""
    given = [0, 59, 61, 3600, 3661, 90_000, -5]
    assert [span(one) for one in given] == ["0 s", "59 s", "1 min 1 s", "1 h", "1 h 1 min", "1 d 1 h", "0 s"]
    assert span(datetime.timedelta(days=400).total_seconds()) == "400 d"


def test_numbers_have_their_nouns() -> None:
    """One of a thing, many of them."""
    assert [count(1, "run"), count(2, "run"), count(1200, "entry")] == ["1 run", "2 runs", "1,200 entries"]
