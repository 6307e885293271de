"""A person's prompt on its way to the model: a secret in it, or in a file that it names with `@`, stops it. Hot path.

The client reads an `@file` by itself, past every tool hook; the prompt is the only place to stop it.
"""

from __future__ import annotations

from secretguard.agents.event import Event, Outcome
from secretguard.guard import sent_along
from secretguard.guard.mentions import mentions
from secretguard.guard.outcomes import allowed, refused
from secretguard.guard.results import TooLarge, readable
from secretguard.guard.room import Room, found_fields, rules_of
from secretguard.guard.writes import has_pragma
from secretguard.verdict import DENY, Verdict


def submit(event: Event, room: Room) -> Outcome:
    """Whether the prompt may go to the model as it is."""
    data = event.text.encode("utf-8", "surrogatepass")
    found = [f for f in room.scan(data) if not has_pragma("prompt", data, f.start)]
    if found:
        from secretguard.guard import again

        verdict = Verdict(DENY, again.reason(data, found, room), "secret-in-prompt")
        return refused("guard:prompt:denied", verdict, {**found_fields(found), "outcome": "did not leave"}, found)
    names = list(mentions(event.text)) if "@" in event.text else []
    for name in names:  # all: a pasted program has an `@` on every other line; the deadline is the cap
        stopped = _mentioned(name, room)
        if stopped:
            return stopped
    return sent_along.stopped(event, room, map(room.path, names)) or allowed(
        "guard:prompt:allowed", "nothing-found", {"outcome": "left"}
    )


def _mentioned(name: str, room: Room) -> Outcome | None:
    path = room.path(name)
    try:
        data = readable(path)
    except TooLarge:
        return _too_large(room.shown(name))
    if data is None:
        return None
    found = room.scan(data, room.policy.secret_place(path), path)
    if not found:
        return None
    shown = room.shown(name)
    reason = (
        f"The prompt was not sent: @{shown} holds {len(found)} secret(s) ({', '.join(rules_of(found))}), and the "
        f"client would send the file as it is. Write `read {shown}` without the @: what a tool reads is redacted."
    )
    fields: dict[str, object] = {"path": shown, **found_fields(found), "outcome": "did not leave"}
    return refused("guard:prompt:denied", Verdict(DENY, reason, "secret-in-mentioned-file"), fields, found)


def _too_large(shown: str) -> Outcome:
    reason = (
        f"The prompt was not sent: @{shown} is too large to look for secrets in, and the client would send its "
        f"beginning as it is. Write `print the beginning of {shown}` without the @: what a command prints is redacted."
    )
    fields: dict[str, object] = {"path": shown, "outcome": "did not leave"}
    return refused("guard:prompt:denied", Verdict(DENY, reason, "mentioned-file-too-large"), fields)
