"""Every row of the table of channels, with the real client: without the guard the value leaves, with it none does."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from secretguard.agents.loopback_api import use
from tests.claude.channels import (
    CHANNELS,
    INCLUDING,
    MCP_SERVER,
    MEMORY,
    PICTURE,
    SPELLINGS,
    Channel,
    Spelling,
    canary,
    neutral,
    read,
)
from tests.claude.session import Session, install, play, prepare

pytestmark = [pytest.mark.claude, pytest.mark.slow]

NAMES = [channel.name for channel in CHANNELS]
_TOOLS = ("--tools", "Bash,Read,Write,Edit,NotebookEdit,Grep,Glob")


def play_tools(client: Path, root: Path, *, guarded: bool) -> Session:
    """One session that goes all ways through tools, one after another."""
    files = {name: text for channel in CHANNELS for name, text in channel.files.items()}
    extra = prepare(root, files, guarded=guarded)
    (root / "server.py").write_text(MCP_SERVER)
    server = {"command": "/usr/bin/env", "args": ["python3", str(root / "server.py")]}
    (root / "mcp.json").write_text(json.dumps({"mcpServers": {"probe": server}}))
    turns = [turn for channel in CHANNELS for turn in channel.turns]
    return play(client, root, turns, extra=extra, options=(*_TOOLS, "--mcp-config", str(root / "mcp.json")))


@pytest.fixture(scope="module")
def guarded(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The ways through tools, with the guard."""
    return play_tools(client, tmp_path_factory.mktemp("guarded"), guarded=True)


@pytest.fixture(scope="module")
def bare(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The same without it."""
    return play_tools(client, tmp_path_factory.mktemp("bare"), guarded=False)


def shown(session: Session, channel: Channel) -> tuple[bool, str]:
    """(is an error, text) that the model was shown at the end of the way."""
    last = sum(len(each.turns) for each in CHANNELS[: CHANNELS.index(channel) + 1]) - 1
    return session.results[last]


@pytest.mark.parametrize("channel", CHANNELS, ids=NAMES)
def test_without_the_guard_the_value_leaves(bare: Session, channel: Channel) -> None:
    """The control: each row is a way, and its end shows the neutral text."""
    assert bare.sent(canary(channel.name))
    assert neutral(channel.name) in shown(bare, channel)[1] or not channel.shown


@pytest.mark.parametrize("channel", CHANNELS, ids=NAMES)
def test_with_the_guard_it_does_not(guarded: Session, channel: Channel) -> None:
    """In no request of any kind; what is no secret arrives, or the refusal says how to get it."""
    assert not guarded.sent(canary(channel.name))
    refused, text = shown(guarded, channel)
    assert refused is not channel.shown
    assert (neutral(channel.name) if channel.shown else channel.advice) in text


def test_nothing_that_the_guard_or_the_client_keeps_holds_a_value(guarded: Session) -> None:
    """Journal, state, transcript with all that hooks printed. The exceptions: the list of the project's files, which
    is made of their names; the client's own dumps of outputs, and what a server said beside its text."""
    for channel in CHANNELS:
        kept = guarded.files_with(canary(channel.name), guarded.root / "guard")
        assert [path for path in kept if not path.startswith("state/worktree/")] == []
        kept = guarded.files_with(canary(channel.name), guarded.home)
        kept = [path for path in kept if "/tool-results/" not in path and "/tasks/" not in path]
        assert kept == [] or (channel.name == "mcp structured" and len(kept) == 1)


def test_a_guarded_conversation_can_be_taken_up_again(client: Path, guarded: Session) -> None:
    """What was replaced is not sent a second time either."""
    extra = {"SECRETGUARD_HOME": str(guarded.root / "guard")}
    again = play(client, guarded.root, [], extra=extra, prompt=neutral("again"), options=("--continue",))
    assert again.sent(neutral("again"))
    assert again.sent(neutral("mcp structured"))
    assert [channel.name for channel in CHANNELS if again.sent(canary(channel.name))] == []


def prompts_to_play() -> tuple[str | list[dict[str, object]], ...]:
    """Each spelling of a mention, a typed secret in both forms that the surface knows, and one that goes."""
    typed = f"use {canary('prompt')} please"
    blocks: list[dict[str, object]] = [{"type": "text", "text": f"use {canary('prompt in blocks')}"}]
    return (*(spelling.prompt for spelling in SPELLINGS), typed, blocks, f"see @clean.txt {neutral('prompt')}")


def play_prompts(client: Path, root: Path, *, guarded: bool) -> Session:
    """One session over stream-json, as an editor starts the client, with all of them."""
    files = {s.file: f"TOKEN={canary(s.file)}\n" for s in SPELLINGS if not s.file.startswith("~")}
    home = next(s.file for s in SPELLINGS if s.file.startswith("~"))
    files |= {home.rpartition("/")[2]: f"TOKEN={canary(home)}\n", "sub/ok.txt": "ok\n", "clean.txt": neutral("mention")}
    extra = prepare(root, files, guarded=guarded)
    return play(client, root, HELLO, extra=extra, prompts=prompts_to_play())


@pytest.fixture(scope="module")
def guarded_prompts(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The prompts, with the guard."""
    return play_prompts(client, tmp_path_factory.mktemp("guarded-prompts"), guarded=True)


@pytest.fixture(scope="module")
def bare_prompts(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The same without it."""
    return play_prompts(client, tmp_path_factory.mktemp("bare-prompts"), guarded=False)


@pytest.mark.parametrize("spelling", SPELLINGS, ids=[spelling.name for spelling in SPELLINGS])
def test_a_mentioned_file_does_not_leave(bare_prompts: Session, guarded_prompts: Session, spelling: Spelling) -> None:
    """Each spelling sends the file without the guard, and is stopped by it."""
    assert bare_prompts.sent(canary(spelling.file))
    assert not guarded_prompts.sent(canary(spelling.file))


@pytest.mark.parametrize("name", ["prompt", "prompt in blocks"])
def test_a_typed_secret_does_not_leave(bare_prompts: Session, guarded_prompts: Session, name: str) -> None:
    """As text and as a list of blocks."""
    assert bare_prompts.sent(canary(name))
    assert not guarded_prompts.sent(canary(name))


def test_a_clean_prompt_and_mention_arrive(guarded_prompts: Session) -> None:
    """After twenty refused ones the session goes on."""
    assert guarded_prompts.sent(neutral("prompt"))
    assert guarded_prompts.sent(neutral("mention"))
    assert len(guarded_prompts.records("guard:prompt:denied")) == len(prompts_to_play()) - 1


def plant(root: Path, planted: str) -> None:
    """All memory files in the home and project below `root`, with a value in the one of the way `planted`."""
    for way, path in MEMORY.items():
        file = root / "work" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        text = f"TOKEN={canary(way)}\n" if planted in (way, "all") else f"{neutral(way)}\n"
        file.write_text((INCLUDING if way == "CLAUDE.md" else "") + text)


HELLO = [[{"type": "text", "text": "hello"}]]


def test_memory_files_leave_without_the_guard(client: Path, tmp_path: Path) -> None:
    """The control, for all ways at once."""
    extra = prepare(tmp_path, {}, guarded=False)
    plant(tmp_path, "all")
    session = play(client, tmp_path, HELLO, extra=extra)
    assert [way for way in MEMORY if not session.sent(canary(way))] == []


@pytest.fixture(scope="module")
def memory_root(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the guard, for several sessions."""
    root = tmp_path_factory.mktemp("memory")
    prepare(root, {})
    return root


@pytest.mark.parametrize("way", MEMORY)
def test_a_secret_in_a_memory_file_stops_the_prompt(client: Path, memory_root: Path, way: str) -> None:
    """Before anything is sent, with the file's name in the record."""
    plant(memory_root, way)
    session = play(client, memory_root, HELLO, extra={"SECRETGUARD_HOME": str(memory_root / "guard")})
    assert not session.sent(canary(way))
    assert session.records("guard:prompt:denied")[-1]["path"].endswith(MEMORY[way].rpartition("/")[2])


def test_clean_memory_files_arrive(client: Path, memory_root: Path) -> None:
    """Where no file holds a secret, all are sent as they are."""
    plant(memory_root, "none")
    session = play(client, memory_root, HELLO, extra={"SECRETGUARD_HOME": str(memory_root / "guard")})
    assert [way for way in MEMORY if not session.sent(neutral(way))] == []


def test_memory_of_a_folder_does_not_go_along_with_its_files(client: Path, tmp_path: Path) -> None:
    """A tool that opens a file makes the client send the folder's memory: refused where that holds a secret."""
    files = {f"{name}/x.txt": f"{neutral(name)}\n" for name in ("bad", "good")}
    files |= {"bad/CLAUDE.md": f"TOKEN={canary('bad')}\n", "good/CLAUDE.md": neutral("good memory") + "\n"}
    turns = [read("$WORK/bad/x.txt"), [use("Bash", command="cat bad/x.txt", description="x")], read("$WORK/good/x.txt")]
    session = play(client, tmp_path, turns, extra=prepare(tmp_path, files))
    assert [refused for refused, _ in session.results] == [True, True, False]
    assert not session.sent(canary("bad"))
    assert session.sent(neutral("good"))
    assert session.sent(neutral("good memory"))


def test_a_subagents_calls_are_guarded(client: Path, tmp_path: Path) -> None:
    """The same hooks see what a subagent reads; it plays the same script, in which its own subagent is refused."""
    files = {"app.env": f"FIRST={neutral('subagent')}\nTOKEN={canary('subagent')}\n"}
    call = use("Agent", description="look", prompt="look at it", subagent_type="general-purpose")
    session = play(client, tmp_path, [[call], read("$WORK/app.env")], extra=prepare(tmp_path, files))
    assert [r for r in session.records("guard:read:redacted") if r.get("agent_id")]
    assert session.sent(neutral("subagent"))
    assert not session.sent(canary("subagent"))


def test_a_conversation_with_a_secret_is_not_sent_again(client: Path, tmp_path: Path) -> None:
    """Taken up again in each way by a guarded session it holds the prompt back; a new session goes on."""
    prepare(tmp_path, {}, guarded=False)
    first = play(client, tmp_path, HELLO, extra={}, prompt=f"use {canary('resume')}")
    assert first.sent(canary("resume"))
    extra = install(tmp_path)
    known = json.loads(first.stdout)["session_id"]
    for options in (("--continue",), ("--resume", known), ("--resume", known, "--fork-session")):
        again = play(client, tmp_path, HELLO, extra=extra, prompt=neutral("again"), options=options)
        assert not again.sent(canary("resume"))
        assert not again.sent(neutral("again"))
        assert again.records("guard:prompt:denied")[-1]["rule"] == "secret-in-resumed-session"
    assert play(client, tmp_path, HELLO, extra=extra, prompt=neutral("again")).sent(neutral("again"))


def test_a_picture_arrives_as_it_is_and_is_said(client: Path, tmp_path: Path) -> None:
    """Nothing looks into a picture; the record says that there was one."""
    extra = prepare(tmp_path, {})
    (tmp_path / "work" / "i.png").write_bytes(base64.b64decode(PICTURE))
    session = play(client, tmp_path, [read("$WORK/i.png")], extra=extra)
    assert session.results[0] == (False, "[image]")
    (record,) = [r for r in session.records("guard:read:allowed") if r.get("happened") == "ran"]
    assert record["pictures"] == 1
