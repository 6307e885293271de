"""Refusals, all made the same way: what was refused, why, and the way on. Hot path."""

from __future__ import annotations

from secretguard.agents.event import Outcome
from secretguard.verdict import ASK, DENY, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.policy.request import Decision


def by_policy(event: str, decision: Decision, what: str, fields: dict[str, object]) -> Outcome | None:
    """The refusal or question that `decision` asks for; None when it allows. `what` is a sentence.

    Without a broker there is no second person: `two_persons` is a denial here.
    """
    if decision.outcome == "allow":
        return None
    outcome = ASK if decision.outcome == "ask" else DENY
    verdict = Verdict(outcome, f"{what} {decision.reason}", decision.rule, decision.default)
    return refused(event, verdict, {**fields, "outcome": "did not leave"})


def refused(event: str, verdict: Verdict, fields: dict[str, object]) -> Outcome:
    """The outcome of a refusal; the reason carries the rule, so that a person can look it up."""
    verdict = Verdict(verdict.outcome, f"{verdict.reason} [secretguard: {verdict.rule}]", verdict.rule, verdict.default)
    return Outcome(verdict, event, fields)
