"""Events that reach the guard damaged: what the model was shown counts, not what the hook said."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from secretguard.agents.loopback_api import use
from tests.claude.channels import MCP_SERVER, canary
from tests.claude.session import Session, play, prepare

pytestmark = [pytest.mark.claude, pytest.mark.slow]

VALUE = canary("malformed")
DAMAGES = {
    "cut": "data[: data.index(b'\"tool_response\"') + 20]",
    "not UTF-8": "data[:-2] + b'\\xff\\xfe' + data[-2:]",
    "a number that is none": "data[:-1] + b',\"n\":NaN}'",
    "a name twice": "data[:-1] + b',\"tool_response\":{}}'",
    "nested deeply": "data[:-1] + b',\"n\":' + b'[' * 100_000 + b']' * 100_000 + b'}'",
    "100 MB": "data[:-1] + b',\"n\":\"' + b'x' * 100_000_000 + b'\"}'",
}
"""Damage → how an event of a result becomes it; each of them is shown to the hook in place of the event."""
CALLS = {
    "Read": use("Read", file_path="$WORK/app.env"),
    "Bash": use("Bash", command="cat app.env", description="test"),
    "Grep": use("Grep", pattern="=", path="$WORK/app.env", output_mode="content"),
    "Glob": use("Glob", pattern="named/*.txt", path="$WORK"),
    "server": use("mcp__probe__tell", file="app.env", form="text"),
    "structure": use("mcp__probe__tell", file="app.env", form="structured"),
}
_BETWEEN = """\
#!{python}
import os, subprocess, sys
data = sys.stdin.buffer.read()
if b'"hook_event_name":"{event}"' in data:
    data = {damage}
process = subprocess.Popen([{launcher!r}, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
try:
    out, _ = process.communicate(data)
except BrokenPipeError:
    out = process.stdout.read()
sys.stdout.buffer.write(out)
sys.stdout.flush()
os._exit(process.wait())
"""


def damaged(client: Path, root: Path, event: str, damage: str, calls: list[dict[str, object]]) -> Session:
    """A session whose hook is given each `event` damaged."""
    extra = prepare(root, {"app.env": f"TOKEN={VALUE}\n", f"named/{VALUE}.txt": "x\n"})
    (root / "server.py").write_text(MCP_SERVER)
    server = {"command": "/usr/bin/env", "args": ["python3", str(root / "server.py")]}
    (root / "mcp.json").write_text(json.dumps({"mcpServers": {"probe": server}}))
    launcher = root / "guard" / "state" / "hooks" / "secretguard-claude-code"
    own = launcher.rename(launcher.with_name("own"))
    launcher.write_text(_BETWEEN.format(python=sys.executable, event=event, damage=damage, launcher=str(own)))
    launcher.chmod(0o700)
    options = ("--tools", "Bash,Read,Grep,Glob", "--mcp-config", str(root / "mcp.json"))
    return play(client, root, [[call] for call in calls], extra=extra, options=options)


@pytest.mark.parametrize("damage", ["cut", "100 MB"])
def test_the_result_of_a_damaged_event_is_held_back(client: Path, tmp_path: Path, damage: str) -> None:
    """Whatever the tool: its name is still to be read, and that is enough to say it in its shape."""
    session = damaged(client, tmp_path, "PostToolUse", DAMAGES[damage], list(CALLS.values()))
    assert [name for name, (_, text) in zip(CALLS, session.results, strict=True) if "withheld" not in text] == []
    assert not session.sent(VALUE)


def test_each_damage_is_held_back(client: Path, tmp_path: Path) -> None:
    """One after another, for one tool."""
    chosen = ", ".join(f"lambda: {damage}" for damage in DAMAGES.values())
    counter = str(tmp_path / "counter")
    damage = f"[{chosen}][(open({counter!r}, 'a').write('x'), os.path.getsize({counter!r}))[1] % {len(DAMAGES)}]()"
    session = damaged(client, tmp_path, "PostToolUse", damage, [CALLS["Bash"]] * len(DAMAGES))
    assert [text for _, text in session.results if "withheld" not in text] == []
    assert not session.sent(VALUE)


@pytest.mark.parametrize("event", ["PreToolUse", "UserPromptSubmit"])
@pytest.mark.parametrize("damage", ["b''", "data[:40]", "b'null'"], ids=["empty", "cut", "no object"])
def test_a_damaged_event_before_the_fact_is_refused(client: Path, tmp_path: Path, event: str, damage: str) -> None:
    """The tool does not run, the prompt is not sent."""
    session = damaged(client, tmp_path, event, damage, [CALLS["Bash"]])
    assert not session.sent(VALUE)
    assert all(refused for refused, _ in session.results)
