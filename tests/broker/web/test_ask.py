"""What a page is asked for."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.activity import Filter
from broker.errors import BadRequest
from broker.web.ask import Asked

DAY = 1_767_225_600
"""2026-01-01T00:00:00Z."""


def test_an_empty_form_asks_for_everything() -> None:
    """Empty fields narrow nothing."""
    assert Asked().filter(50) == Filter(limit=50)
    assert not Asked(after="1.task-1").narrowed
    assert Asked(attention=True).narrowed


def test_times_are_utc_and_the_last_minute_counts() -> None:
    """A moment without a zone is UTC; `until` holds to the end of its minute, or of its day."""
    wanted = Asked(since="2026-01-01T00:01", until="2026-01-01T00:01").filter(1)
    assert (wanted.since, wanted.until) == (DAY + 60, DAY + 119)
    wanted = Asked(since="2026-01-01", until="2026-01-01").filter(1)
    assert (wanted.since, wanted.until) == (DAY, DAY + 86_399)


@pytest.mark.parametrize("value", ["soon", "9999-12-31T23:59:59.9", "2026-13-01", "1" * 500, "\ud800"])
def test_what_is_no_time_is_named(value: str) -> None:
    """The field is in the message, and so is the form that it takes."""
    with pytest.raises(BadRequest, match="until: not a time"):
        Asked(until=value).filter(1)


@given(st.text(), st.text(), st.text())
def test_the_next_page_asks_for_the_same(text: str, state: str, after: str) -> None:
    """A further page's address carries the form, whatever is in it."""
    asked = Asked(text=text, state=state, attention=True)
    try:
        query = asked.query(after)
    except UnicodeEncodeError:  # lone surrogates: no query of a browser has them
        return
    told = dict(parse_qsl(query[1:], keep_blank_values=True))
    assert told == {k: v for k, v in (("text", text), ("state", state), ("attention", "1"), ("after", after)) if v}
