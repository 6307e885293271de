"""One record as a sentence: every event of the broker has one, and no record can break it."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.story import ALARMS, STORY, line_of
from secretguard.audit.vocabulary import EVENTS

TIME = "2026-11-25T08:00:00.000Z"


def test_the_sentences_are_of_events_that_exist() -> None:
    """Sentences and alarms name the vocabulary's events; those of a run have a sentence each."""
    assert set(STORY) | set(ALARMS) <= set(EVENTS)
    areas = ("broker:task:", "broker:lease:", "broker:parent:", "broker:approval:", "broker:bootstrap:")
    assert {event for event in EVENTS if event.startswith(areas)} <= set(STORY)


@pytest.mark.parametrize("event", sorted(STORY))
def test_a_missing_field_is_a_dash(event: str) -> None:
    """A record of another version still makes a line."""
    line = line_of(1, None, event, json.dumps({"time": TIME, "event": event}))
    assert "{" not in line.text
    assert line.at == 1795593600.0
    wanted = {name for _, name, _, _ in string.Formatter().parse(STORY[event][1]) if name}
    assert line.text.count("-") >= len(wanted)


@given(st.text(), st.sampled_from(sorted(STORY)))
def test_any_payload_makes_a_line(payload: str, event: str) -> None:
    """Unreadable ones say so."""
    line = line_of(1, 2, event, payload)
    assert (line.seq, line.leaf, line.event) == (1, 2, event)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text()) | st.none()))
def test_braces_and_format_codes_in_a_record_stay_text(fields: dict[str, object]) -> None:
    """What somebody wrote is never a template."""
    told = {**fields, "reason": "{by} {0} %s {x!r:>99999999}", "by": "ada", "time": TIME}
    assert line_of(1, None, "broker:task:ended", json.dumps(told)).text == f"ended by ada: {told['reason']}"


def test_times_lists_and_cut_texts_are_readable() -> None:
    """A moment as a date, names with spaces between, a long text by its beginning."""
    told = {
        "time": TIME,
        "launcher": "unix:1",
        "policy": "work",
        "rule": "r",
        "grants": ["a", "b"],
        "expires_at": 1795593600,
        "purpose": {"cut": "long", "length": 5000, "sha256": "x"},
    }
    text = line_of(1, None, "broker:task:created", json.dumps(told)).text
    assert "long... (5000 characters); grants a b, until 2026-11-25 08:00:00Z" in text


def test_what_a_sandbox_claims_is_marked() -> None:
    """And an event without a sentence lists what it holds."""
    assert line_of(1, None, "sandbox:event:reported", json.dumps({"time": TIME, "path": "/x"})).kind == "claimed"
    line = line_of(1, None, "journal:head:received", json.dumps({"time": TIME, "source": "laptop"}))
    assert (line.kind, line.text) == ("other", "journal:head:received source laptop")
