"""The guard's own words for events and answers."""

from __future__ import annotations

from secretguard.agents.event import BEFORE, Answer, Event, Outcome
from secretguard.verdict import ALLOW, Verdict


def test_what_is_not_given_is_empty() -> None:
    """An event has every field; deciders need no checks for absence."""
    event = Event(BEFORE, "/", {})
    assert (event.tool, event.input, event.response, event.text, event.path) == ("", {}, None, "", "")


def test_an_outcome_leaves_the_result_alone_unless_told() -> None:
    """No replacement, no notice, no advice by default."""
    outcome = Outcome(Verdict(ALLOW, "", "rule"), "guard:read:allowed", {})
    assert (outcome.response, outcome.notice, outcome.advice) == (None, "", "")


def test_an_empty_answer_is_no_opinion() -> None:
    """Exit 0 and nothing said."""
    assert (Answer().stdout, Answer().stderr, Answer().status) == ("", "", 0)
