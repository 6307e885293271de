"""How the policy stands, beside what it decides: observe mode and a pause are applied, and what a person must know is
said. Hot path.

Said at a session's start and with each prompt, so that nobody works for long under a policy that is broken, only
observed or paused without knowing it.
"""

from __future__ import annotations

import time

from secretguard.agents.event import PROMPT, START, Event, Outcome
from secretguard.errors import GuardError
from secretguard.policy.observe import told
from secretguard.verdict import ALLOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.guard.room import Room
    from secretguard.policy.table import Policy

_MOST_TOLD = 3


def settled(event: Event, outcome: Outcome, room: Room) -> Outcome:
    """`outcome` under the policy's standing. Raises GuardError where a refusal's policy cannot be opened."""
    if (outcome.verdict.outcome != ALLOW or room.would) and room.lifts:
        from secretguard.guard import observed

        outcome = observed.applied(event, outcome, room)
    if event.kind in (START, PROMPT):
        said = _said(event, room)
        outcome.notice = "\n".join(filter(None, (outcome.notice, *said)))
    return outcome


def _said(event: Event, room: Room) -> list[str]:
    try:
        policy = room.policy
    except GuardError as error:
        return [f"secretguard: every tool is refused: {error.message}"]
    said = [f"secretguard: {text}" for text in sentences(policy, time.time(), event.kind == START)]
    return [*said, *_paused(room)]


def _paused(room: Room) -> list[str]:
    if room.pause is None and not room.pause_over:
        return []
    from secretguard.guard import pause
    from secretguard.guard.texts import line

    return [line("pause", **pause.told(room.pause, time.time())) if room.pause else line("pause over")]


def sentences(policy: Policy, now: float, all_of_it: bool) -> list[str]:
    """What a person must know: faults and observe mode always; what a layer says without effect at a start."""
    said = [f"the policy is broken, nothing is released: {fault}" for fault in policy.standing.faults[:_MOST_TOLD]]
    if policy.observe_until:
        said.append(told(policy, now))
    notes = policy.standing.notes if all_of_it else []
    said += [f"no effect: {note}" for note in notes[:_MOST_TOLD]]
    if len(notes) > _MOST_TOLD:
        said.append(f"{len(notes) - _MOST_TOLD} more like these: `secretguard policy layers`")
    return said
