"""The mod on the real client: what no settings hook can close is closed, whatever becomes of the resident process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.agents import claude_mod
from secretguard.agents.loopback_api import Block, use
from secretguard.guard.settings import LAUNCHER
from tests.claude import resident
from tests.claude.channels import MCP_SERVER, bash, canary, neutral, read
from tests.claude.session import Session, install, play, prepare

pytestmark = [pytest.mark.claude, pytest.mark.slow]

TOOLS: dict[str, list[Block]] = {
    "read": read("$WORK/read.env"),
    "read over 25 kB": read("$WORK/large.env", limit=1400),
    "failing bash": bash("cat bash.env; exit 3"),
    "mcp error": [use("mcp__probe__tell", file="mcp.env", form="error")],
    "mcp text": [use("mcp__probe__tell", file="mcp.env", form="text")],
    "mcp structured": [use("mcp__probe__tell", file="mcp.env", form="structured")],
}
SENT_ALONG = ("mentioned file", "included file", "command output")
"""What the client sends by itself: with a prompt, with the instructions, with a slash command."""
_LINE = "a neutral line of some length\n"


def _env(name: str) -> str:
    return f"FIRST={neutral(name)}\nTOKEN={canary(name)}\n"


FILES = {
    "read.env": _env("read"),
    "large.env": _env("read over 25 kB") + _LINE * 1500,
    "bash.env": _env("failing bash"),
    "mcp.env": _env("mcp"),
    "mentioned.env": _env("mentioned file"),
    "included.md": _env("included file"),
    "CLAUDE.md": "Notes: @included.md\n",
    "command.env": _env("command output"),
    ".claude/commands/show.md": "---\nallowed-tools: Bash(cat:*)\n---\nThis: !`cat command.env`\n$ARGUMENTS\n",
}


def run(
    client: Path, root: Path, turns: list[list[Block]], *, mod: bool, prompt: str = "go", gone: bool = False
) -> Session:
    """A session without any settings hook, with the mod or without; `gone`: the guard's program is not there."""
    extra = prepare(root, FILES)
    (root / "home" / ".claude" / "settings.json").write_text("{}")
    options = list(probe(root))
    if mod:
        claude_mod.write_plugin(root / "plugin", launcher(root))
        options += ["--plugin-dir", str(root / "plugin")]
    if gone:
        launcher(root).unlink()
    try:
        return play(client, root, turns, extra=extra, prompt=prompt, options=tuple(options))
    finally:
        resident.stop(root)


def probe(root: Path) -> tuple[str, ...]:
    """The options that give the client the server which tells a file's text."""
    (root / "server.py").write_text(MCP_SERVER)
    server = {"command": "/usr/bin/env", "args": ["python3", str(root / "server.py")]}
    (root / "mcp.json").write_text(json.dumps({"mcpServers": {"probe": server}}))
    return "--mcp-config", str(root / "mcp.json")


def launcher(root: Path) -> Path:
    return root / "guard" / "state" / "hooks" / LAUNCHER


@pytest.fixture(scope="module")
def bare(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Every way, without the mod."""
    return run(client, tmp_path_factory.mktemp("bare"), list(TOOLS.values()), mod=False, prompt="/show @mentioned.env")


@pytest.fixture(scope="module")
def walled(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The same ways with it."""
    return run(client, tmp_path_factory.mktemp("walled"), list(TOOLS.values()), mod=True, prompt="/show @mentioned.env")


def value(name: str) -> str:
    return canary("mcp" if name.startswith("mcp") else name)


@pytest.mark.parametrize("name", [*TOOLS, *SENT_ALONG])
def test_each_way_leaks_without_the_mod_and_not_with_it(bare: Session, walled: Session, name: str) -> None:
    """And what is no secret arrives, in the same place."""
    plain = neutral("mcp" if name.startswith("mcp") else name)
    assert bare.sent(value(name))
    assert not walled.sent(value(name))
    assert walled.sent(plain)


def test_the_session_goes_on(walled: Session) -> None:
    """Nothing was refused: each call has its result, a failure stays one, and the client ended well."""
    assert walled.status == 0
    assert [error for error, _ in walled.results] == [False, False, True, True, False, False]
    assert json.loads(walled.stdout)["result"] == "done"


def test_token_counting_is_seen_too(bare: Session, walled: Session) -> None:
    """The raw text of a large Read goes there before any hook sees the result."""
    counted = [raw for raw in bare.bodies if canary("read over 25 kB").encode() in raw and b'"stream"' not in raw]
    assert counted
    assert len(walled.bodies) == len(bare.bodies)


def test_what_left_is_in_the_journal(walled: Session) -> None:
    """Each request, and each of those that was changed."""
    looked_at = [*walled.records("guard:request:allowed"), *walled.records("guard:request:redacted")]
    assert len(looked_at) == len(walled.bodies)
    assert walled.records("guard:request:redacted")
    assert {record["outcome"] for record in walled.records("guard:request:redacted")} == {"did not leave"}


def test_nothing_that_is_kept_holds_a_value(walled: Session) -> None:
    """Neither what the guard keeps nor the client's transcript of what the tools gave."""
    for name in ("read", "failing bash", "mcp"):
        assert not walled.files_with(canary(name), walled.root / "guard")
        transcripts = walled.home / ".claude" / "projects"
        assert not walled.files_with(canary(name), transcripts), name


def test_the_resident_process_may_die_or_hang(client: Path, tmp_path: Path) -> None:
    """Killed, or stopped where it stands: the hook as a process answers in its place, and another one is started."""
    pids = "pgrep -f resident/main[.]py | while read p; do grep -qz $ROOT/ /proc/$p/environ && echo $p; done"
    # The second look leaves out the process that only starts it; that one of those found ended by itself is no failure.
    wait = f'for i in $(seq 150); do p=$({pids}); [ "$p" ] && sleep 0.3 && p=$({pids}) && break; sleep 0.1; done'
    there = '[ "$p" ]'
    turns = [
        bash(f"{wait}; kill -9 $p; {there}"),
        read("$WORK/read.env"),
        bash(f"{wait}; kill -STOP $p; {there}"),
        bash("cat bash.env; exit 3"),
        bash(f"{wait}; kill -9 $p; {there}"),
    ]
    session = run(client, tmp_path, turns, mod=True, prompt="see @mentioned.env")
    assert [error for error, _ in session.results] == [False, False, False, True, False], session.results
    assert not [name for name in ("read", "failing bash", "mentioned file") if session.sent(canary(name))]
    assert session.sent(neutral("read"))
    assert session.sent(neutral("failing bash"))


@pytest.mark.parametrize("mod", [True, False], ids=["installed with the mod", "without"])
def test_beside_the_hooks_a_failure_is_no_exposure(client: Path, tmp_path: Path, mod: bool) -> None:
    """As `install --with-mod` leaves it: the mod replaces what the hooks can only record and regret."""
    prepare(tmp_path, {"mcp.env": FILES["mcp.env"]}, guarded=False)
    extra = install(tmp_path, client, ("--with-mod",) if mod else ())
    turns = [read("$WORK/mcp.env"), TOOLS["mcp error"]]
    try:
        session = play(client, tmp_path, turns, extra=extra, options=probe(tmp_path))
    finally:
        resident.stop(tmp_path)
    assert session.sent(neutral("mcp"))
    assert session.sent(canary("mcp")) is not mod
    assert bool(session.records("guard:read:exposed")) is not mod
    assert bool(session.records("guard:request:allowed")) is mod


def test_where_nothing_can_answer_nothing_goes_out(client: Path, tmp_path: Path) -> None:
    """Neither a resident process nor a program to run: the wall refuses every request, the first one included."""
    turns = [bash("true")]
    session = run(client, tmp_path, turns, mod=True, gone=True)
    assert session.bodies == []
    assert session.status != 0
    assert "could not look at this" in session.stdout
