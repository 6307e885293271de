"""What a record says of the places that a tool calls or a command would: its `hosts`. Hot path.

Each is an object: `via` (program or tool), `how` (observed or inferred), and `host` with `scheme` and `port` where they
are known, or `unknown` with the reason why there is no host. A URL's path and query are never recorded: a keyed digest
of them is.
"""

from __future__ import annotations

from secretguard.audit.digest import labelled
from secretguard.keyed import user_key
from secretguard.shell.address import OBSERVED, Call, of_place, of_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secretguard.agents.event import Event
    from secretguard.guard.room import Room

MOST = 20
"""Places that one record lists; it says how many it left out."""
FIELD, LEFT_OUT = "hosts", "hosts_left_out"
_LONGEST_VIA, _LONG_NAME = 60, "a program of a long name"
"""A name is told whole or not at all: half a secret is one that no rule knows."""
MCP = "mcp__"


def fields(calls: Sequence[Call], room: Room) -> dict[str, object]:
    """The fields that name `calls` in a record; none where there are none. Raises GuardError."""
    if not calls:
        return {}
    words = "\n".join(text for call in calls[:MOST] for text in (call.host, call.via, call.unknown))
    found = room.engine.scan(words.encode("utf-8", "replace"))  # one may be the name that is looked up, or a remote's
    rows: list[dict[str, object]] = []
    for call in calls[:MOST]:
        row: dict[str, object] = {"via": call.via if len(call.via) <= _LONGEST_VIA else _LONG_NAME, "how": call.how}
        row.update((name, value) for name in ("host", "scheme", "port", "unknown") if (value := getattr(call, name)))
        if found:
            row.update((name, room.shown(str(row[name]))) for name in ("host", "via", "unknown") if name in row)
        rows.append(row)
    left_out = {LEFT_OUT: len(calls) - MOST} if len(calls) > MOST else {}
    return {FIELD: rows, **left_out}


def of_tool(event: Event, room: Room, given: Iterable[str]) -> tuple[list[Call], dict[str, object]]:
    """The calls of a web or server tool whose input's texts are `given`, and what else its record says of them."""
    if event.tool == "WebFetch":
        return _fetch(event)
    if event.tool == "WebSearch":
        query = event.input.get("query")
        told = {"query": room.shown(query)} if isinstance(query, str) else {}
        return [Call("WebSearch", unknown="the client's search service", how=OBSERVED)], dict(told)
    from secretguard.guard.servers import meant  # for calls to servers alone

    server, name, transport, calls = meant(event.tool[len(MCP) :], room)
    said: dict[str, object] = {"server": room.shown(server), "server_tool": room.shown(name), "transport": transport}
    return [*calls, *_in_input(event.tool, given)], said


def _fetch(event: Event) -> tuple[list[Call], dict[str, object]]:
    url = event.input.get("url")
    call = of_place(url, "WebFetch") if isinstance(url, str) else None
    if call is None or not isinstance(url, str):
        return [Call("WebFetch", unknown="an input that names no host", how=OBSERVED)], {}
    call.how = OBSERVED
    rest = url.partition("://")[2].partition("/")[2]
    digest = labelled(user_key(), b"path", rest.encode("utf-8", "surrogatepass"))
    return [call], {"path_digest": digest} if rest else {}


def _in_input(tool: str, given: Iterable[str]) -> list[Call]:
    """URLs that are whole texts of a server tool's input: what it does with them is its own business."""
    found = (of_url(text.strip(), tool) for text in given if text.lstrip()[:4].lower() in ("http", "ws:/", "wss:"))
    return list({call.place: call for call in found if call is not None}.values())
