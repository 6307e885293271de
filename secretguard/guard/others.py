"""Tools that are neither Read, a writer nor Bash: searches, the web, MCP servers, subagents. Hot path."""

from __future__ import annotations

from secretguard.agents.event import Event, Outcome, UnreadableEvent
from secretguard.agents.shapes import TooDeep, texts
from secretguard.guard import calls
from secretguard.guard.outcomes import allowed, by_policy, refused
from secretguard.guard.room import Room, found_fields, rules_of
from secretguard.placeholder import placeholders_in
from secretguard.shell.reveal import METADATA
from secretguard.shell.send import host_of
from secretguard.verdict import DENY, Verdict

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
    if event.tool in OUTWARD or event.tool.startswith(calls.MCP):
        return _outward(event, room, given, fields)
    return allowed("guard:command:allowed", "tool-goes-ahead", fields)


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
