"""What no hook can rewrite, on the real Claude Code: commands whose output is redacted at its source.

Each channel once with a secret and neutral text, and once without the guard, where the secret goes out.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from secretguard.agents.loopback_api import use
from tests.claude.session import Session, play, prepare, settle
from tests.claude.test_calls import SERVER
from tests.claude.test_dialog import READY
from tests.claude.test_session import CANARY

pytestmark = [pytest.mark.claude, pytest.mark.slow]

FILES = {
    "app.env": f"FIRST=neutral-one\nTOKEN={CANARY}\nLAST=neutral-two\n",
    ".claude/commands/show.md": "---\nallowed-tools: Bash(cat:*)\n---\nthe file: !`cat app.env`\n",
    "server.py": SERVER,
}
ANSWER = [{"type": "text", "text": "an answer"}]


def bash(command: str, **more: Any) -> list[dict[str, Any]]:
    return [use("Bash", command=command, description="test", **more)]


SCRIPT = {
    "works": bash("cat app.env"),
    "fails": bash("cat app.env; exit 3"),
    "large": bash("cat app.env; seq 1 12000; cat app.env"),
    "background": bash("cat app.env; sleep 0.3; cat app.env", run_in_background=True),
    "later": bash("sleep 1; cat $HOME/claude-*/*/*/tasks/*.output $TMPDIR/claude-*/*/*/tasks/*.output 2>/dev/null"),
    "folder": bash("cd /; pwd"),
    "shell": bash('echo "shell $0"'),
    "read": [use("Read", file_path="$WORK/app.env")],
    "server": [use("mcp__shelf__look")],
}
SECOND = "/show ● an answer"
PERSON = (
    (READY, "!"),
    ("! for", "cat app.env; false"),
    ("cat app.env; false", "\r"),
    ("an answer", "/show"),
    ("/show", "\r"),
    (SECOND, "/exit"),
    ("/exit", "\r"),
    ("Resume this session", ""),
)
"""A person's own command, then a slash command with one in it."""


@pytest.fixture(scope="module")
def session(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """One session that plays the whole script, by a shell of another name, with a hook in shell form and a server."""
    root = tmp_path_factory.mktemp("channels")
    extra = prepare(root, FILES)
    (root / "zsh").symlink_to(os.path.realpath("/bin/bash"))
    hook = {"type": "command", "command": "cat >/dev/null; cat app.env >hooked.txt"}
    settings = root / "home" / ".claude" / "settings.json"
    known = json.loads(settings.read_text())
    known["hooks"]["PostToolUse"].append({"matcher": "Read", "hooks": [hook]})
    settings.write_text(json.dumps(known))
    servers = {"mcpServers": {"shelf": {"command": "python3", "args": [str(root / "work" / "server.py")]}}}
    (root / "servers.json").write_text(json.dumps(servers))
    options = ("--mcp-config", str(root / "servers.json"))
    return play(client, root, list(SCRIPT.values()), extra={**extra, "SHELL": str(root / "zsh")}, options=options)


@pytest.fixture(scope="module")
def person(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The guarded person at a terminal."""
    return at_terminal(client, tmp_path_factory.mktemp("person"), guarded=True)


def at_terminal(client: Path, root: Path, *, guarded: bool) -> Session:
    """A person's `!command` and slash command."""
    extra = prepare(root, FILES, guarded=guarded)
    settle(root)
    options = ("--permission-mode", "bypassPermissions")
    said = ("` ● an answer", "/exit")  # the guard's line, which names the tag to accept, stands before the answer
    steps = tuple(said if guarded and step[0] == SECOND else step for step in PERSON)
    return play(client, root, [ANSWER], extra=extra, options=options, steps=steps)


def shown(session: Session, name: str) -> tuple[bool, str]:
    """(whether it is an error, what the model was shown) of one call of the script."""
    return session.results[list(SCRIPT).index(name)]


def test_without_the_guard_every_channel_leaks(client: Path, tmp_path: Path) -> None:
    """The control: a failing command, a person's command and a slash command send the secret."""
    root = _made(tmp_path / "fails")
    fails = play(client, root, [SCRIPT["fails"]], extra=prepare(root, FILES, guarded=False))
    assert CANARY in fails.results[0][1]
    session = at_terminal(client, _made(tmp_path / "person"), guarded=False)
    for number, words in enumerate(("<bash-stdout>", "the file: ")):
        assert any(CANARY.encode() in body and words.encode() in body for body in session.bodies), number


def _made(path: Path) -> Path:
    path.mkdir()
    return path


def test_no_request_held_the_secret(session: Session, person: Session) -> None:
    """Neither session sent it, in whatever request; each was played to its end."""
    assert len(session.results) == len(SCRIPT)
    assert len(person.moments) == len(PERSON)
    assert not session.sent(CANARY)
    assert not person.sent(CANARY)


@pytest.mark.parametrize("name", ["works", "fails", "large", "later"])
def test_neutral_text_and_a_placeholder_reach_the_model(session: Session, name: str) -> None:
    """What stands around the secret is shown as it is."""
    _, text = shown(session, name)
    assert "FIRST=neutral-one\nTOKEN=[[secret:github-token:" in text


def test_a_failing_command_keeps_its_status(session: Session) -> None:
    """The model is told that it failed and how, with the text that explains it."""
    failed, text = shown(session, "fails")
    assert failed
    assert text.startswith("Exit code 3\nFIRST=neutral-one")
    assert text.rstrip().endswith("LAST=neutral-two")


def test_the_client_runs_as_without_a_prefix(session: Session) -> None:
    """The shell that it chose, the folder that a command went to, hooks and servers with what they say."""
    assert shown(session, "shell")[1].strip() == f"shell {session.root / 'zsh'}"
    assert shown(session, "folder")[1].startswith("/\n")
    assert shown(session, "server") == (False, "a book")
    assert CANARY in (session.work / "hooked.txt").read_text(), "a hook's own output is between it and the client"


def test_the_placeholder_is_the_one_of_the_hooks(session: Session) -> None:
    """A command shows a secret by the tag that a Read shows it by."""
    tags = {shown(session, name)[1].split("[[secret:")[1].split("]]")[0] for name in ("works", "fails", "read")}
    assert len(tags) == 1


def test_what_the_client_keeps_on_disk_is_redacted(session: Session, person: Session) -> None:
    """Its copies of large and background output, too, which it writes before any hook sees them."""
    for one in (session, person):
        assert one.files_with(CANARY, one.home) == []
        assert one.files_with(CANARY, one.root / "guard") == []
    assert session.files_with("[[secret:github-token:", session.home)


def test_each_redacted_command_is_one_record(session: Session, person: Session) -> None:
    """What did not leave, once: beside the hook's record of the command, by its digest, and not by the hook again."""
    records = [record for record in session.records("guard:read:redacted") if record["tool"] == "Bash"]
    assert [record["command"] for record in records] == [
        turn[0]["input"]["command"].replace("$WORK", str(session.work)) for turn in list(SCRIPT.values())[:4]
    ]
    allowed = {record.get("command_digest") for record in session.records("guard:command:allowed")}
    ids = {record["session_id"] for record in session.records("guard:command:allowed")}
    for record in records:
        assert (record["outcome"], record["rules"]) == ("did not leave", ["github-token"])
        assert record["command_digest"] in allowed
        assert {record["session_id"]} == ids
    assert [record["command"] for record in person.records("guard:read:redacted")] == [
        "cat app.env; false", "cat app.env"
    ]  # fmt: skip


def test_a_persons_command_shows_them_the_placeholder(person: Session) -> None:
    """The screen has the neutral lines and the tag; the model gets the same."""
    screen = person.moments[3].screen
    assert "FIRST=neutral-one" in screen
    assert "[[secret:github-token:" in screen
    assert person.sent("the file: FIRST=neutral-one")
