"""Every way in which a secret could reach the provider through Claude Code: one table, one row a way.

Each row has a value of its own, planted where the way begins, and a neutral text that must still arrive. `docs/guide`
names the rows; `test_channels.py` plays them with the guard and, to show that they are ways at all, without it.
"""

from __future__ import annotations

import hashlib
import json
import string
from dataclasses import dataclass
from typing import Any

from secretguard.agents.loopback_api import Block, use

_LETTERS = string.ascii_letters + string.digits


def canary(name: str) -> str:
    """A made-up GitLab token that belongs to the row `name` alone."""
    digits = hashlib.sha512(name.encode()).digest()
    return "glpat-" + "".join(_LETTERS[digit % len(_LETTERS)] for digit in digits[:20])


def neutral(name: str) -> str:
    """A text of the row `name` that is no secret."""
    return f"neutral-{name.replace(' ', '-')}"


@dataclass(frozen=True)
class Channel:
    """One way through a tool: what is on disk beforehand, and the turns of the model that go it.

    `shown`: the neutral text is in what the model is shown for the last turn; else the call is refused with `advice`.
    """

    name: str
    files: dict[str, str]
    turns: list[list[Block]]
    shown: bool = True
    advice: str = ""


def _env(name: str) -> str:
    return f"FIRST={neutral(name)}\nTOKEN={canary(name)}\n"


def _file(name: str, turns: list[list[Block]], text: str | None = None, **more: Any) -> Channel:
    return Channel(name, {f"{name.replace(' ', '_')}.env": _env(name) if text is None else text}, turns, **more)


def bash(command: str, **more: object) -> list[Block]:
    """One turn that runs `command`."""
    return [use("Bash", command=command, description="test", **more)]


def read(path: str, **more: object) -> list[Block]:
    """One turn that reads `path`."""
    return [use("Read", file_path=path, **more)]


def _notebook(name: str) -> str:
    cells = [
        {"cell_type": "code", "id": "one", "metadata": {}, "execution_count": 1, "source": [f"# {neutral(name)}\n"],
         "outputs": [{"output_type": "stream", "name": "stdout", "text": [f"TOKEN={canary(name)}\n"]}]},
        {"cell_type": "code", "id": "two", "metadata": {}, "execution_count": None, "outputs": [],
         "source": [f"TOKEN = '{canary(name)}'\n"]},
    ]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


_LARGE = "a neutral line of some length\n" * 1500

CHANNELS = (
    _file("read", [read("$WORK/read.env")]),
    _file("read large", [read("$WORK/read_large.env")], _LARGE + _env("read large"), shown=False, advice="in parts"),
    _file(
        "read large part", [read("$WORK/read_large_part.env", offset=1490, limit=20)], _LARGE + _env("read large part")
    ),
    _file("bash", [bash("cat bash.env")]),
    _file("bash long output", [bash("cat bash_long_output.env; seq 1 12000")]),
    _file(
        "persisted output",
        [
            bash("cat persisted_output.env; seq 1 12000"),
            read("$SAVED", limit=20),
        ],
    ),
    _file(
        "background output",
        [
            bash("cat background_output.env", run_in_background=True),
            bash(f"for i in $(seq 100); do grep -qs {neutral('background output')} $SAVED && break; sleep 0.1; done"),
            read("$SAVED"),
        ],
    ),
    _file("grep", [[use("Grep", pattern="=", path="$WORK/grep.env", output_mode="content")]]),
    Channel(
        "glob",
        {f"globbed/{canary('glob')}.txt": "x\n", f"globbed/{neutral('glob')}.txt": "x\n"},
        [[use("Glob", pattern="globbed/*.txt", path="$WORK")]],
    ),
    Channel("notebook", {"notebook.ipynb": _notebook("notebook")}, [read("$WORK/notebook.ipynb")]),
    _file("mcp text", [[use("mcp__probe__tell", file="mcp_text.env", form="text")]]),
    _file("mcp structured", [[use("mcp__probe__tell", file="mcp_structured.env", form="structured")]]),
)
"""Ways through tools that hooks close."""


@dataclass(frozen=True)
class Spelling:
    """A way to name a file in a prompt; `file` is its name below the work folder."""

    name: str
    prompt: str
    file: str


SPELLINGS = (
    Spelling("plain", "see @m1.env please", "m1.env"),
    Spelling("full stop", "see @m2.env.", "m2.env"),
    Spelling("quoted", 'see @"m 3.env" please', "m 3.env"),
    Spelling("quoted lines", '@"m4.env#L1"', "m4.env"),
    Spelling("lines", "see @m5.env#L1-2", "m5.env"),
    Spelling("heading", "@m6.env#top", "m6.env"),
    Spelling("stars", "see @m7.env**", "m7.env"),
    Spelling("ellipsis", "@m8.env…", "m8.env"),
    Spelling("dot slash", "@./m9.env/", "m9.env"),
    Spelling("up and down", "@sub/../m10.env", "sub/../m10.env"),
    Spelling("home", "see @~/../work/m11.env", "~/../work/m11.env"),
    Spelling("after a new line", "x\n@m12.env\ny", "m12.env"),
    Spelling("after Chinese punctuation", "看。@m13.env 。", "m13.env"),
    Spelling("no-break spaces", "x\u00a0@m14.env\u00a0y", "m14.env"),
    Spelling("zero-width spaces", "x\ufeff@m15.env\ufeffy", "m15.env"),
    Spelling("umlaut", "@ü16.env", "ü16.env"),
    Spelling("two files", "@sub/ok.txt and @m17.env", "m17.env"),
)
"""Spellings that 2.1.330 follows."""

MEMORY = {
    "CLAUDE.md": "CLAUDE.md",
    "CLAUDE.local.md": "CLAUDE.local.md",
    "include": "included.txt",
    "include with a space": "in cluded.md",
    "rule": ".claude/rules/deep/rule.md",
    "folder above": "../CLAUDE.md",
    "user": "../home/.claude/CLAUDE.md",
    "command": ".claude/commands/told.md",
}
"""Way → file, below the work folder, whose text goes with each request."""
INCLUDING = "@included.txt and @in\\ cluded.md\n"

MCP_SERVER = """
import json, sys
for line in sys.stdin:
    said = json.loads(line)
    if "id" not in said:
        continue
    method, result = said["method"], {}
    if method == "initialize":
        result = {"protocolVersion": said["params"]["protocolVersion"], "capabilities": {"tools": {}}}
        result["serverInfo"] = {"name": "probe", "version": "1"}
    elif method == "tools/list":
        schema = {"type": "object", "properties": {"file": {"type": "string"}, "form": {"type": "string"}}}
        result = {"tools": [{"name": "tell", "description": "tells", "inputSchema": schema}]}
    elif method == "tools/call":
        given = said["params"]["arguments"]
        text = open(given["file"]).read()
        result = {"content": [{"type": "text", "text": text}]}
        if given["form"] == "structured":
            result["structuredContent"] = {"text": text}
        if given["form"] == "error":
            result["isError"] = True
    print(json.dumps({"jsonrpc": "2.0", "id": said["id"], "result": result}), flush=True)
"""
"""A server that tells a file's text in the form that it is asked for."""

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=="
"""Two pixels by two, red (PNG)."""
