"""Where the client's settings say that a server is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from secretguard.agents.event import BEFORE, Event
from secretguard.guard import servers
from secretguard.guard.room import Room


@pytest.fixture
def room(project: Path) -> Room:
    """The surroundings of a call in the project."""
    return Room(Event(BEFORE, str(project), {}), {})


def own_settings(settings: object) -> None:
    """What the client keeps of this user."""
    folder = Path(os.environ["CLAUDE_CONFIG_DIR"])
    folder.mkdir(exist_ok=True)
    (folder / ".claude.json").write_text(json.dumps(settings))


def at(url: object) -> dict[str, object]:
    return {"mcpServers": {"s": {"type": "http", "url": url}}}


def test_the_nearest_scope_counts(room: Room, project: Path) -> None:
    """Local before project before user, as the client looks."""
    own_settings(at("https://user.example"))
    assert servers.configured("s", room)[1].host == "user.example"
    (project / ".mcp.json").write_text(json.dumps(at("https://project.example")))
    assert servers.configured("s", room)[1].host == "project.example"
    own_settings({**at("https://user.example"), "projects": {str(project): at("https://local.example")}})
    assert servers.configured("s", room)[1].host == "local.example"


def test_transport_and_what_cannot_be_told(room: Room, project: Path) -> None:
    """A program of this machine, a variable in the URL, a URL that is none, a name that stands nowhere."""
    listed = {
        "own program": {"command": "server", "args": []},
        "v": {"type": "sse", "url": "https://${HOST}/x"},
        "w": {"url": "https://w.example/${TOKEN}"},
        "x": {"url": "nothing"},
        "y": 7,
    }
    (project / ".mcp.json").write_text(json.dumps({"mcpServers": listed}))
    told = {name: servers.configured(name, room) for name in ("own_program", "v", "w", "x", "y", "z")}
    assert [transport for transport, _ in told.values()] == ["stdio", "sse", "http", "http", "unknown", "unknown"]
    assert told["own_program"][1].unknown == "a program of this machine"
    assert told["v"][1].unknown == "a host that is not a literal"
    assert told["w"][1].host == "w.example"
    assert told["x"][1].unknown == "a URL that cannot be read"
    assert told["z"][1].unknown


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"mcpServers": []}', '{"projects": 7, "mcpServers": 7}'])
def test_damaged_settings_are_as_none(room: Room, project: Path, damage: str) -> None:
    """The call is judged and recorded all the same."""
    (project / ".mcp.json").write_text(damage)
    assert servers.configured("s", room)[0] == "unknown"


def test_a_file_that_is_too_large_or_no_file_is_not_read(room: Room, project: Path) -> None:
    """Neither a large file nor a FIFO holds the hook up."""
    (project / ".mcp.json").write_text(json.dumps({**at("https://a.example"), "x": "y" * servers.LARGEST}))
    assert servers.configured("s", room)[0] == "unknown"
    (project / ".mcp.json").unlink()
    os.mkfifo(project / ".mcp.json")
    assert servers.configured("s", room)[0] == "unknown"


def test_a_name_that_can_mean_two_servers(room: Room, project: Path) -> None:
    """`foo: bar` stands as `foo__bar` in its tools' names: it is not taken for `foo`, whose host is another one."""
    listed = {"foo: bar": {"url": "https://production.example"}, "other": {"url": "https://other.example"}}
    (project / ".mcp.json").write_text(json.dumps({"mcpServers": listed}))
    server, tool, transport, calls = servers.meant("foo__bar__run__it", room)
    assert (server, tool, transport, [call.host for call in calls]) == (
        "foo__bar", "run__it", "http", ["production.example"],
    )  # fmt: skip
    listed["foo"] = {"url": "https://foo.example"}
    (project / ".mcp.json").write_text(json.dumps({"mcpServers": listed}))
    assert [call.host for call in servers.meant("foo__bar__run", room)[3]] == ["foo.example", "production.example"]
    assert servers.meant("nobody__run__" + "a__" * 1000, room)[:3] == ("nobody", "run__" + "a__" * 1000, "unknown")
    assert servers.meant("alone", room)[:2] == ("alone", "")
