"""Tools that are neither Read, a writer nor Bash: searches, the web, MCP servers, subagents. Hot path."""

from __future__ import annotations

import os

from secretguard.agents.event import Event, Outcome, UnreadableEvent
from secretguard.agents.shapes import TooDeep, texts
from secretguard.guard import calls
from secretguard.guard.outcomes import allowed, by_policy, refused
from secretguard.guard.room import Room, found_fields, rules_of
from secretguard.placeholder import placeholders_in
from secretguard.places import config_dir, state_dir
from secretguard.policy.glob import MAX_PATH
from secretguard.shell.reveal import METADATA
from secretguard.shell.send import host_of
from secretguard.verdict import DENY, Verdict

_MOST_PATHS = 100
"""Texts of one input that are looked at as paths."""
SEARCHES = frozenset({"Grep", "Glob", "LS"})
OUTWARD = frozenset({"WebFetch", "WebSearch"})


def before(event: Event, room: Room) -> Outcome:
    """Whether the tool may run. Raises UnreadableEvent for an input nested too deeply."""
    try:
        given = texts(event.input)
    except TooDeep:
        raise UnreadableEvent("the tool's input is nested too deeply") from None
    fields: dict[str, object] = {"phase": "before"}
    if event.tool in SEARCHES:
        place = event.input.get("path")
        path = room.path(place) if isinstance(place, str) and "\0" not in place else room.cwd
        decision = room.decide("read", "plain", room.data_classes((path,)))
        return by_policy("read", decision, "This search is held back.", fields) or allowed(
            "guard:read:allowed", decision.rule, {**fields, "outcome": "cannot tell"}
        )
    if own := _own_file(given, room):
        reason = (
            f"{own} is part of the protection itself and is not for {event.tool} to change. "
            "Ask the person to do it with the secretguard command."
        )
        verdict = Verdict(DENY, reason, "changes-own-protection")
        return refused("guard:settings:denied", verdict, {**fields, "path": own})
    if event.tool in OUTWARD or event.tool.startswith(calls.MCP):
        return _outward(event, room, given, fields)
    return allowed("guard:command:allowed", "tool-goes-ahead", fields)


def _own_file(given: list[str], room: Room) -> str:
    """A file of the guard's own that an input names as a whole text, "" where there is none: what a tool that nobody
    knows does with it cannot be told."""
    named = [text for text in given if text[:1] in ("/", "~", ".") or text.startswith("file:")]
    places = [os.path.realpath(place) for place in (state_dir(), config_dir())] if named else []
    for text in named[:_MOST_PATHS]:
        path = room.path(text.removeprefix("file://")) if "\0" not in text and len(text) < MAX_PATH else ""
        if any(path == place or path.startswith(place + "/") for place in places):
            return room.shown(text)
    return ""


def _outward(event: Event, room: Room, given: list[str], fields: dict[str, object]) -> Outcome:
    """A tool that carries its input out of this process: no secret in it, and policy is asked."""
    called, told = calls.of_tool(event, room, given)
    fields.update(**told, **calls.fields(called, room))
    own = [tag for text in given for tag in placeholders_in(text)]
    if own:
        reason = (
            f"{own[0]} is a placeholder: its value is given back only into the file that it came from, never to "
            f"{event.tool} or a host. Leave it out, or name the variable or file that holds the value."
        )
        verdict = Verdict(DENY, reason, "placeholder-in-call")
        return refused("guard:command:denied", verdict, {**fields, "count": len(own)})
    found = [f for text in given for f in room.scan(text.encode("utf-8", "surrogatepass"))]
    if found:
        reason = (
            f"The input of {event.tool} holds a literal secret ({', '.join(rules_of(found))}), which would leave this "
            "machine. Leave it out, or name the variable that holds it."
        )
        verdict = Verdict(DENY, reason, "literal-secret")
        return refused("guard:command:denied", verdict, {**fields, **found_fields(found)}, found)
    metadata = any(address in text.lower() for text in given for address in METADATA)
    effect = "reveal" if metadata else "opaque" if event.tool.startswith(calls.MCP) else "plain"
    hosts = [host for text in given if (host := host_of(text))] + [call.host for call in called if call.host]
    decision = room.decide("run", effect, room.data_classes(()), hosts)
    return by_policy("command", decision, f"{event.tool} is held back.", fields) or allowed(
        "guard:command:allowed", decision.rule, fields
    )
