from __future__ import annotations

import pytest

from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, OUTCOMES, Decision, Request


def test_request_has_the_name_of_its_cell() -> None:
    """Records and examples name a request by its four words."""
    assert Request("run", "reveal", "development", "secret").cell == "run/reveal/development/secret"


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("word", ["", "RUN", "run ", "*", "unknown"])
def test_word_outside_of_the_vocabulary_is_refused(at: int, word: str) -> None:
    """Nothing that the table has no cell for becomes a request."""
    words = ["run", "plain", "sandbox", "public"]
    words[at] = word
    with pytest.raises(ValueError, match="not in the policy vocabulary"):
        Request(*words)


def test_vocabulary_is_within_the_tables_bound() -> None:
    """The product of the sets stays below 2,000 cells, and no word stands for two things of one set."""
    assert len(ACTIONS) * len(EFFECTS) * len(ENVIRONMENTS) * len(DATA) <= 2000
    for words in (ACTIONS, EFFECTS, ENVIRONMENTS, DATA, OUTCOMES):
        assert len(set(words)) == len(words)


def test_decision_shows_outcome_and_rule() -> None:
    """A decision in a traceback says what it was."""
    assert repr(Decision("ask", "one", "Why.")) == "Decision('ask', rule='one')"


def test_a_request_cannot_grow_fields() -> None:
    """Whatever else is known about an event has no way into a decision."""
    with pytest.raises(AttributeError):
        Request("run", "plain", "development", "internal").user = "root"  # type: ignore[attr-defined]
