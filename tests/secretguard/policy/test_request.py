"""The question that policy answers: a closed vocabulary, one cell for each question."""

from __future__ import annotations

import itertools

import pytest

from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, OUTCOMES, Decision, Request


def test_each_question_has_a_cell_of_its_own() -> None:
    """Every combination is a request, no two share a cell, and all fit into a table of 2,000."""
    cells = {Request(*words).cell for words in itertools.product(ACTIONS, EFFECTS, ENVIRONMENTS, DATA)}
    assert len(cells) == len(ACTIONS) * len(EFFECTS) * len(ENVIRONMENTS) * len(DATA) <= 2000


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("word", ["", "Run", "run/plain", "prod", "*", None])
def test_a_word_outside_of_the_vocabulary_is_refused(place: int, word: str) -> None:
    """There is no question that the table has no cell for."""
    words: list[str] = ["run", "plain", "development", "internal"]
    words[place] = word
    with pytest.raises(ValueError, match="not in the policy vocabulary"):
        Request(*words)


def test_a_request_cannot_grow_fields() -> None:
    """Whatever else is known about an event has no way into a decision."""
    with pytest.raises(AttributeError):
        Request("run", "plain", "development", "internal").user = "root"  # type: ignore[attr-defined]


def test_outcomes_go_from_open_to_shut() -> None:
    """The order of the ladder is the order of the table, and a decision shows its outcome and rule."""
    assert OUTCOMES == ("allow", "ask", "two_persons", "deny")
    assert repr(Decision("deny", "some-rule", "why")) == "Decision('deny', rule='some-rule')"
