"""Observe mode and a pause at the hook: what the guard would have done is recorded, and not done. Hot path, in those
alone.

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
_DESTROYS = "placeholder-in-write"
"""What is never let pass: it would not tell a secret, but lose it."""


def applied(event: Event, outcome: Outcome, room: Room) -> Outcome:
    """`outcome` as observe mode or the pause has it. Raises GuardError where the policy cannot be opened."""
    if not room.lifts:
        return outcome
    would, rule = _policy(room)
    if outcome.verdict.outcome != ALLOW and not _stands(outcome, room):
        if _STRICT.index(outcome.verdict.outcome) >= _STRICT.index(would):
            would, rule = outcome.verdict.outcome, outcome.verdict.rule
        outcome = _passed(event, outcome)
    if would != ALLOW:
        outcome.fields.update(would=would, would_rule=rule)
        if not room.observes:
            outcome.fields["paused"] = True
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
    if outcome.verdict.rule == _DESTROYS:
        return True
    if room.observes:
        return _SECRETS in mandatory(room.policy)
    return _SECRETS in mandatory(room.policy) or _never_paused(room)


def _never_paused(room: Room) -> bool:
    """Whether this is about production or customer data, as policy labels them."""
    from secretguard.guard.pause import NEVER

    labels = (*room.environments(), *(room.data_classes((room.file,)) if room.file else ()))
    return not set(NEVER).isdisjoint(labels)


def _passed(event: Event, outcome: Outcome) -> Outcome:
    """The same event let through: the original result, or the action with its record of what was seen."""
    fields = {**outcome.fields, "outcome": "cannot tell" if event.kind == BEFORE else "left"}
    verdict = Verdict(ALLOW, "", outcome.verdict.rule)
    if event.kind == AFTER:
        return Outcome(verdict, "guard:read:exposed", fields, found=outcome.found)
    kind = outcome.event.rpartition(":")[0]
    passed = Outcome(verdict, f"{kind}:allowed", fields, found=outcome.found)
    passed.given = outcome.given
    return passed
