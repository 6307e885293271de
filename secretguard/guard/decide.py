"""An Event → the Outcome: one table of deciders, one a kind of event and tool. Hot path.

Deciders are imported when their event comes: a Read does not pay for the shell analysis.
"""

from __future__ import annotations

from secretguard.agents.event import AFTER, BEFORE, END, FAILED, PROMPT, REQUEST, SETTINGS, TURN, Event, Outcome
from secretguard.guard.folders import any_memory
from secretguard.verdict import ALLOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.guard.room import Room

WRITERS = frozenset({"Write", "Edit", "MultiEdit", "NotebookEdit"})


def decide(event: Event, room: Room) -> Outcome:
    """What is to happen with `event`. Raises GuardError (fail closed) and UnreadableEvent."""
    if event.kind == BEFORE:
        return _before(event, room)
    if event.kind == AFTER:
        return _after(event, room)
    if event.kind == FAILED:
        from secretguard.guard import results

        return results.failed(event, room)
    if event.kind == PROMPT:
        from secretguard.guard import prompts

        return prompts.submit(event, room)
    if event.kind == REQUEST:
        from secretguard.guard import requests

        return requests.leaving(event, room)
    if event.kind == SETTINGS:
        from secretguard.guard import settings

        return settings.changed(event)
    if event.kind in (TURN, END):
        from secretguard.guard import turns

        return turns.ended(event)
    from secretguard.guard import sent_along, settings

    outcome, along = settings.started(room), sent_along.started(event, room)
    outcome.notice = "\n".join(filter(None, (outcome.notice, along.notice)))
    return outcome


def _after(event: Event, room: Room) -> Outcome:
    from secretguard.guard import results

    outcome = results.after(event, room)
    if event.tool in WRITERS:
        from secretguard.guard import writes

        outcome.fields.update(writes.left_behind(event, room))
    return outcome


def _before(event: Event, room: Room) -> Outcome:
    outcome = _of_tool(event, room)
    if outcome.verdict.outcome != ALLOW or not room.file or not any_memory(room.project, (room.file,)):
        return outcome
    from secretguard.guard import sent_along

    return sent_along.before_call(room, (room.file,)) or outcome


def _of_tool(event: Event, room: Room) -> Outcome:
    if event.tool == "Read":
        from secretguard.guard import reads

        return reads.before(event, room)
    if event.tool in WRITERS:
        from secretguard.guard import writes

        return writes.before(event, room)
    if event.tool == "Bash":
        from secretguard.guard import commands

        return commands.before(event, room)
    from secretguard.guard import others

    return others.before(event, room)
