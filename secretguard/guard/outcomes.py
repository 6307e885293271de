"""The three outcomes, each made in one way: it goes ahead, policy holds it back, it is refused. Hot path."""

from __future__ import annotations

from secretguard.agents.event import Outcome
from secretguard.verdict import ALLOW, ASK, DENY, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from secretguard.detect.finding import Finding
    from secretguard.policy.request import Decision


DID_NOT_LEAVE, LEFT, CANNOT_TELL = "did not leave", "left", "cannot tell"
"""What a record says of the guarded value: kept from the provider, gone to the provider, or that nobody can tell."""

_DIALOG = "Yes in the client's dialog approves it this once; where nobody can be asked, it is refused."
"""A question's last sentence. Two readers: the person in front of the dialog, and the model where there is none."""


def allowed(event: str, rule: str, fields: dict[str, object]) -> Outcome:
    """An action that goes ahead, as it is. Where `fields` does not say what left, it cannot be told from here."""
    return Outcome(Verdict(ALLOW, "", rule), event, {"outcome": CANNOT_TELL, **fields})


def by_policy(action: str, decision: Decision, what: str, fields: dict[str, object]) -> Outcome | None:
    """The refusal or question that `decision` asks for; None when it allows. `what` is a sentence.

    `action` (read, write, command) names the event. `guard:ACTION:asked` is recorded before the person answers, so it
    cannot tell what follows; `guard:ACTION:denied` is the end of it. Without a broker there is no second person:
    `two_persons` is a denial here.
    """
    if decision.outcome == "allow":
        return None
    if decision.outcome == "ask":
        verdict = Verdict(ASK, f"{what} {decision.reason} {_DIALOG}", decision.rule, decision.default)
        return refused(f"guard:{action}:asked", verdict, fields)
    verdict = Verdict(DENY, f"{what} {decision.reason}", decision.rule, decision.default)
    return refused(f"guard:{action}:denied", verdict, fields)


def refused(event: str, verdict: Verdict, fields: dict[str, object], found: Collection[Finding] = ()) -> Outcome:
    """The outcome of a refusal or question about `found`; the reason names the rule, which a person can look up."""
    verdict = Verdict(verdict.outcome, f"{verdict.reason} [secretguard: {verdict.rule}]", verdict.rule, verdict.default)
    left = DID_NOT_LEAVE if verdict.outcome == DENY else CANNOT_TELL
    return Outcome(verdict, event, {"outcome": left, **fields}, found=found)
