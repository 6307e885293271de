"""Which transport and host the client's own settings give an MCP server. Hot path of calls to servers alone.

Claude Code looks in this order: the project's entry in `~/.claude.json` (local scope), `.mcp.json` in the project, the
top of `~/.claude.json` (user scope). In a tool's name each character of a server's name that is no letter, digit, `_`
or `-` stands as `_`. What the files say is inferred: they may have changed since the client read them.
"""

from __future__ import annotations

import os

from secretguard.rawjson import JsonError, loads
from secretguard.shell.address import UNSAID, Call, of_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from secretguard.guard.room import Room

UNKNOWN_TRANSPORT = "unknown"
LARGEST = 512 * 1024
"""Bytes of a settings file that is read for this: parsing it takes about 5 ms."""
_MOST_SPLITS = 4
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def meant(tool: str, room: Room) -> tuple[str, str, str, list[Call]]:
    """(server, its tool, transport, calls) of a tool's name `server__tool`.

    Both parts may hold `__`. Where the settings know more than one server that it can mean, all their calls count, and
    the longest name is told.
    """
    server, _, name = tool.partition("__")
    splits = [(server, name)]
    while "__" in name and len(splits) < _MOST_SPLITS:
        more, _, name = name.partition("__")
        server = f"{server}__{more}"
        splits.append((server, name))
    found = [(*split, *configured(split[0], room)) for split in splits]
    known = [one for one in found if one[2] != UNKNOWN_TRANSPORT] or found[:1]
    server, name, transport, _ = known[-1]
    return server, name, transport, [call for *_, call in known]


def configured(server: str, room: Room) -> tuple[str, Call]:
    """(transport: stdio, http, sse, ws or unknown; the call) of the server that a tool's name gives as `server`."""
    via = f"mcp server {server}"
    for servers in _listed(room):
        for name, entry in servers.items():
            if isinstance(entry, dict) and as_in_tool(name) == server:
                return _transport(entry, via)
    return UNKNOWN_TRANSPORT, Call(via, unknown="a server that no settings file read here names")


def as_in_tool(name: str) -> str:
    """A server's name as it stands in the names of its tools."""
    return "".join(c if c in _PLAIN else "_" for c in name)


def _transport(entry: dict[str, object], via: str) -> tuple[str, Call]:
    url, kind = entry.get("url"), entry.get("type")
    if isinstance(url, str):
        transport = kind if isinstance(kind, str) and kind in ("http", "sse", "ws") else "http"
        call = Call(via, unknown=UNSAID) if "${" in url.partition("://")[2].partition("/")[0] else of_url(url, via)
        return transport, call or Call(via, unknown="a URL that cannot be read")
    return "stdio", Call(via, unknown="a program of this machine")


def _listed(room: Room) -> Iterator[dict[str, object]]:
    folder = os.environ.get("CLAUDE_CONFIG_DIR") or room.home
    own = _read(os.path.join(folder, ".claude.json"))
    projects = own.get("projects")
    if isinstance(projects, dict):
        for path in dict.fromkeys((room.project, room.cwd)):
            yield _servers(projects.get(path))
    yield _servers(_read(os.path.join(room.project, ".mcp.json")))
    yield _servers(own)


def _servers(settings: object) -> dict[str, object]:
    servers = settings.get("mcpServers") if isinstance(settings, dict) else None
    return servers if isinstance(servers, dict) else {}


def _read(path: str) -> dict[str, object]:
    """The file's object; empty where there is none, where it is no plain JSON, or larger than LARGEST."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            info = os.fstat(fd)
            regular = (info.st_mode & 0o170000) == 0o100000 and info.st_size <= LARGEST
            data = os.read(fd, LARGEST + 1) if regular else b""
        finally:
            os.close(fd)
        found = loads(data)
    except (OSError, JsonError):
        return {}
    return found if isinstance(found, dict) else {}
