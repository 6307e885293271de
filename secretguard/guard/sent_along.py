"""What the client sends beside a prompt or a tool's call: a secret in it holds the prompt or call back. Hot path.

That is its memory files and, where a conversation is taken up again, all that was said in it. No hook can change
either on its way; the refusal names the file and the way on.
"""

from __future__ import annotations

from secretguard.agents.event import Event, Outcome
from secretguard.guard import held, memory
from secretguard.guard.outcomes import allowed, refused
from secretguard.guard.room import found_fields, rules_of
from secretguard.verdict import DENY, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from secretguard.guard.memory import Standing
    from secretguard.guard.room import Room

_MOST_NAMED = 3


def stopped(event: Event, room: Room, mentioned: Iterable[str]) -> Outcome | None:
    """The refusal of a prompt because of what would go along with it; None where nothing stands against it.

    `mentioned` are the paths that the prompt names: the client loads the memory files of their folders. Raises
    GuardError.
    """
    standing = held.standing(event, room)
    found = next(memory.with_secrets(room, event.path), None) or next(memory.nested(room, mentioned), None)
    if found is not None:
        new = " and begin a new session (`/clear`), which does not have it in memory" if standing else ""
        shown = room.shown(found.path)
        reason = (
            f"The prompt was not sent: {_holds(found, room)}, and the client sends that file along as it is. Take the "
            f"value out of {shown}{new}; a false alarm passes with `<!-- pragma: allowlist secret -->` at the end of "
            "its line."
        )
        fields: dict[str, object] = {"path": shown, **found_fields(found.found), "outcome": "did not leave"}
        return refused("guard:prompt:denied", Verdict(DENY, reason, "secret-in-memory-file"), fields, found.found)
    if standing is None:
        return None
    fields = {"path": room.shown(standing.path), "outcome": "did not leave"}
    if standing.kind == held.TRANSCRIPT:
        return refused("guard:prompt:denied", Verdict(DENY, _resumed(standing), "secret-in-resumed-session"), fields)
    reason = (
        f"The prompt was not sent: when this session began, {fields['path']} held a secret, and the client still has "
        "it in memory. Begin a new session (`/clear`, or end the client and start it again)."
    )
    return refused("guard:prompt:denied", Verdict(DENY, reason, "secret-in-session-memory"), fields)


def before_call(room: Room, paths: Iterable[str]) -> Outcome | None:
    """The refusal of a call that opens `paths`, because the client would add memory files of their folders to it."""
    found = next(memory.nested(room, paths), None)
    if found is None:
        return None
    shown = room.shown(found.path)
    reason = (
        f"{_holds(found, room)}, and the client sends that file along when a tool opens a file in its folder. Ask the "
        f"person to take the value out of {shown}; until then print what you need with another command, such as `grep`."
    )
    fields: dict[str, object] = {"path": shown, **found_fields(found.found), "outcome": "did not leave"}
    return refused("guard:read:denied", Verdict(DENY, reason, "secret-in-memory-file"), fields, found.found)


def started(event: Event, room: Room) -> Outcome:
    """A session begins: what it has read is looked at and remembered, and the person is told what holds it."""
    standing = held.begin(event, room)
    outcome = allowed("", "session-started", {})
    if standing:
        names = ", ".join(dict.fromkeys(room.shown(item.path) for item in standing[:_MOST_NAMED]))
        outcome.notice = f"secretguard: prompts are held back in this session: there is a secret in {names}"
    return outcome


def _holds(found: Standing, room: Room) -> str:
    return f"{room.shown(found.path)} holds {len(found.found)} secret(s) ({', '.join(rules_of(found.found))})"


def _resumed(standing: held.Held) -> str:
    if not standing.size:
        return (
            "The prompt was not sent: this session goes on with a conversation that is too long to look for secrets "
            "in, and the client would send all of it again. Begin a new session (`/clear`)."
        )
    return (
        "The prompt was not sent: this session goes on with a conversation that holds a secret, and the client would "
        f"send all of it again. Begin a new session (`/clear`). `secretguard scan {standing.path}` shows where it is."
    )
