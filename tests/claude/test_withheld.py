"""The client shows the sentence in place of a result that is held back, whichever tool made it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.agents.loopback_api import use
from secretguard.agents.withheld import FORMS
from tests.claude.channels import MCP_SERVER, canary
from tests.claude.session import Session, play, prepare

pytestmark = [pytest.mark.claude, pytest.mark.slow]

NAME = canary("withheld")
FILES = {"app.env": f"TOKEN={NAME}\n", f"named/{NAME}.txt": f"TOKEN={NAME}\n"}
CELL = {"cell_type": "code", "id": "one", "metadata": {}, "execution_count": None, "outputs": [], "source": NAME}
NOTEBOOK = {"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
CALLS = {
    "Read": use("Read", file_path="$WORK/app.env"),
    "Read of a notebook": use("Read", file_path="$WORK/n.ipynb"),
    "Bash": use("Bash", command="cat app.env", description="test"),
    "Grep for lines": use("Grep", pattern="=", path="$WORK/app.env", output_mode="content"),
    "Grep for files": use("Grep", pattern="=", path="$WORK/named"),
    "Grep for numbers": use("Grep", pattern="=", path="$WORK/named", output_mode="count"),
    "Glob": use("Glob", pattern="named/*.txt", path="$WORK"),
    "text of a server": use("mcp__probe__tell", file="app.env", form="text"),
    "structure of a server": use("mcp__probe__tell", file="app.env", form="structured"),
}


@pytest.fixture(scope="module")
def session(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """One session in which no result with a secret can be recorded, so that each is held back."""
    root = tmp_path_factory.mktemp("withheld")
    extra = prepare(root, {**FILES, "n.ipynb": json.dumps(NOTEBOOK)})
    (root / "server.py").write_text(MCP_SERVER)
    server = {"command": "/usr/bin/env", "args": ["python3", str(root / "server.py")]}
    (root / "mcp.json").write_text(json.dumps({"mcpServers": {"probe": server}}))
    audit = root / "guard" / "state" / "audit"
    for file in audit.iterdir():
        file.unlink()
    (audit / "journal.jsonl").mkdir()
    options = ("--tools", "Bash,Read,Grep,Glob", "--mcp-config", str(root / "mcp.json"))
    return play(client, root, [[call] for call in CALLS.values()], extra=extra, options=options)


@pytest.mark.parametrize("name", CALLS)
def test_the_sentence_is_shown_and_the_value_is_not(session: Session, name: str) -> None:
    """In each tool's own shape: a shape that the client did not know would show the original."""
    _, text = session.results[list(CALLS).index(name)]
    assert "secretguard withheld" in text
    assert not session.sent(NAME)


def test_every_form_of_the_table_is_shown() -> None:
    """No form without its call in this session."""
    assert set(FORMS) <= {call["name"] for call in CALLS.values()}
