"""Refusals: what a decision of policy becomes at the client."""

from __future__ import annotations

import pytest

from secretguard.audit.vocabulary import EVENTS
from secretguard.guard.outcomes import allowed, by_policy, refused
from secretguard.policy.request import OUTCOMES, Decision
from secretguard.verdict import ASK, DENY, Verdict


@pytest.mark.parametrize(("outcome", "verdict"), list(zip(OUTCOMES, [None, ASK, DENY, DENY], strict=True)))
def test_the_ladder(outcome: str, verdict: str | None) -> None:
    """One person is the client's dialog; two persons need a broker and are a denial here."""
    stopped = by_policy("command", Decision(outcome, "a-rule", "Because."), "Held back.", {"x": 1})
    assert (stopped.verdict.outcome if stopped else None) == verdict
    if stopped:
        assert stopped.verdict.reason.startswith("Held back. Because. ")
        assert stopped.verdict.reason.endswith(" [secretguard: a-rule]")
        assert stopped.fields == {"x": 1, "outcome": "cannot tell" if verdict == ASK else "did not leave"}


@pytest.mark.parametrize("action", ["read", "write", "command"])
def test_a_question_is_not_recorded_as_a_refusal(action: str) -> None:
    """The person may say yes after the record was made; both events are in the vocabulary."""
    for outcome, name in (("ask", f"guard:{action}:asked"), ("deny", f"guard:{action}:denied")):
        stopped = by_policy(action, Decision(outcome, "a-rule", "Because."), "Held back.", {})
        assert stopped
        assert stopped.event == name
        assert name in EVENTS


def test_only_a_question_says_what_an_answer_does() -> None:
    """The person in front of the dialog learns what Yes does, the model without one that it was refused."""
    asked, denied = (
        refusal.verdict.reason
        for outcome in ("ask", "deny")
        if (refusal := by_policy("command", Decision(outcome, "a-rule", "Because."), "Held back.", {}))
    )
    assert "approves it this once; where nobody can be asked, it is refused." in asked
    assert denied == "Held back. Because. [secretguard: a-rule]"


def test_the_rule_is_in_the_reason() -> None:
    """A person can look it up."""
    assert (
        refused("guard:read:denied", Verdict(DENY, "No.", "the-rule"), {}).verdict.reason
        == "No. [secretguard: the-rule]"
    )


def test_every_outcome_says_what_left() -> None:
    """Where the decider does not know better: a refusal kept it, of all else it cannot be told."""
    told = [
        allowed("guard:command:allowed", "r", {}),
        refused("guard:command:asked", Verdict(ASK, "x", "r"), {}),
        refused("guard:command:denied", Verdict(DENY, "x", "r"), {}),
        allowed("guard:read:allowed", "r", {"outcome": "left"}),
    ]
    assert [one.fields["outcome"] for one in told] == ["cannot tell", "cannot tell", "did not leave", "left"]
