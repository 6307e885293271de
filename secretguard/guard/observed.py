"""Observe mode at the hook: what the guard would have done is recorded, and not done. Hot path, in that mode alone.

Kept as they are: what a mandatory rule or a layer above decides, the guard's own files, a broken policy, and failures.
With `secrets` among the mandatory ones, the guard's own rules about secrets in texts are kept, too.
"""

from __future__ import annotations

from secretguard.agents.event import AFTER, BEFORE, Event, Outcome
from secretguard.policy.observe import mandatory
from secretguard.policy.request import OUTCOMES
from secretguard.verdict import ALLOW, ASK, DENY, REDACT, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.guard.room import Room

_STRICT = (ALLOW, ASK, REDACT, DENY)
_SECRETS = "secrets"
_OWN_FILES = "guard:settings:"


def applied(event: Event, outcome: Outcome, room: Room) -> Outcome:
    """`outcome` as observe mode has it. Raises GuardError where the policy cannot be opened."""
    if not room.observes:
        return outcome
    would, rule = _policy(room)
    if outcome.verdict.outcome != ALLOW and not _stands(outcome, room):
        if _STRICT.index(outcome.verdict.outcome) >= _STRICT.index(would):
            would, rule = outcome.verdict.outcome, outcome.verdict.rule
        outcome = _passed(event, outcome)
    if would != ALLOW:
        outcome.fields.update(would=would, would_rule=rule)
    return outcome


def _policy(room: Room) -> tuple[str, str]:
    """What the strictest decision that was let pass would have become at this client, and its rule."""
    if not room.would:
        return ALLOW, ""
    strictest = max(room.would, key=lambda decision: OUTCOMES.index(decision.outcome))
    return {"ask": ASK}.get(strictest.outcome, DENY), strictest.rule


def _stands(outcome: Outcome, room: Room) -> bool:
    if outcome.event.startswith(_OWN_FILES) or outcome.verdict.rule in room.stands:
        return True
    return _SECRETS in mandatory(room.policy)


def _passed(event: Event, outcome: Outcome) -> Outcome:
    """The same event let through: the original result, or the action with its record of what was seen."""
    fields = {**outcome.fields, "outcome": "cannot tell" if event.kind == BEFORE else "left"}
    verdict = Verdict(ALLOW, "", outcome.verdict.rule)
    if event.kind == AFTER:
        count = outcome.fields.get("count", "some")
        notice = f"secretguard: observe mode: {count} secret(s) went to the model that would have been replaced"
        return Outcome(verdict, "guard:read:exposed", fields, notice=notice)
    kind = outcome.event.rpartition(":")[0]
    return Outcome(verdict, f"{kind}:allowed", fields)
