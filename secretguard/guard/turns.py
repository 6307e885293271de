"""Where a turn of the agent begins and ends: a look at the project's files is started, off this path. Hot path."""

from __future__ import annotations

import time

from secretguard.agents.event import END, PROMPT, START, TURN, Event, Outcome
from secretguard.verdict import ALLOW, Verdict
from secretguard.worktree.start import SESSION_END, TURN_END, TURN_START, Look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.guard.room import Room

_WHY = {START: TURN_START, PROMPT: TURN_START, TURN: TURN_END, END: SESSION_END}
COMPACTED = "compact"
"""Why a "session" begins in the middle of a turn: the client cut the conversation short. No turn begins with it."""
_IDS = ("client", "client_version", "session_id", "prompt_id", "claimed_task")


def ended(event: Event) -> Outcome:
    """The agent ended its turn, or the session is over. The first is recorded: a look that never comes is then seen."""
    if event.kind == END:
        return Outcome(Verdict(ALLOW, "", "session-ended"), "", {})
    return Outcome(Verdict(ALLOW, "", "turn-ended"), "guard:turn:ended", {"look": fresh()})


def look(event: Event, room: Room, outcome: Outcome, ids: dict[str, object]) -> Look | None:
    """The look to start after the answer to `event`; None where there is none to take."""
    why = _WHY.get(event.kind)
    if why is None or outcome.verdict.outcome != ALLOW or (event.kind == START and event.text == COMPACTED):
        return None
    own = {name: str(ids[name]) for name in _IDS if name in ids}
    return Look(room.project, why, str(outcome.fields.get("look") or fresh()), own)


def fresh() -> str:
    """A new look's name: 16 hex digits of the time, so that names are in the order of their looks."""
    return f"{time.time_ns():016x}"
