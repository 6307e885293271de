"""One line a secret and session for the person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.agents.event import AFTER, Event
from secretguard.guard import given, heard, lines
from secretguard.guard.lines import MOST
from secretguard.guard.room import Room
from tests.secretguard.guard.events import OTHER, TOKEN, ask

TOKENS = ["ghp_" + f"Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6Fg1Aj{number:03d}K" for number in range(8)]


def said(name: str, project: Path, **fields: object) -> str:
    """The guard's words to the person about one event, "" where there are none."""
    answer = ask(name, project, **fields)
    return str(json.loads(answer.stdout).get("systemMessage", "")) if answer.stdout else ""


def printed(project: Path, text: str, command: str = "make test") -> str:
    return said(
        "PostToolUse",
        project,
        tool_name="Bash",
        tool_input={"command": command},
        tool_response={"stdout": text, "stderr": "", "interrupted": False},
    )


def test_a_secret_is_told_once_and_counted_then(project: Path) -> None:
    """What, where, the outcome and the tag; the second time nothing; with the next new one, how many there were."""
    first = printed(project, f"T={TOKEN}")
    tag = next(given.sessions()).rows[0]["tag"]
    assert first == (
        "secretguard: GitHub token in the output of `make test` did not leave: the model sees a placeholder. "
        f"No secret? `secretguard accept {tag}`"
    )
    assert printed(project, f"T={TOKEN} T={TOKEN}", "make again") == ""
    assert said("PreToolUse", project, tool_name="Write", tool_input={"file_path": "a", "content": TOKEN}) == ""
    assert printed(project, OTHER).endswith("(2 more since, of secrets already told)")


def test_nothing_is_said_when_nothing_happened(project: Path) -> None:
    """No secret, no word, on any event."""
    assert printed(project, "all is well") == ""
    assert said("PreToolUse", project, tool_name="Write", tool_input={"file_path": "a.py", "content": "x = 1"}) == ""
    assert said("UserPromptSubmit", project, prompt="go on") == ""
    assert said("Stop", project) == ""
    assert list(given.sessions()) == []


def test_of_many_secrets_the_number_is_told(project: Path) -> None:
    """A line each for the first few, one for the rest: a screen of lines is not read."""
    told = printed(project, "\n".join(TOKENS)).split("\n")
    assert len(told) == MOST + 1
    assert told[-1] == "secretguard: 3 more secrets in the output of `make test`: `secretguard status` lists them."
    assert len(next(given.sessions()).rows) == len(TOKENS)


@pytest.mark.parametrize(
    ("tool", "given_", "action", "where"),
    [
        ("Write", {"file_path": "a.py", "content": f"t = '{TOKEN}'"}, "Write was stopped", "a.py"),
        ("Bash", {"command": f"curl -H 'A: {TOKEN}' x"}, "the command was stopped", "`curl"),
        ("mcp__a__b", {"text": TOKEN}, "mcp__a__b was stopped", "the input of mcp__a__b"),
    ],
)
def test_what_was_stopped_is_told_with_its_tag(
    project: Path, tool: str, given_: dict[str, str], action: str, where: str
) -> None:
    """A refused write or call may be a false alarm, too."""
    words = said("PreToolUse", project, tool_name=tool, tool_input=given_)
    assert words.startswith(f"secretguard: GitHub token in {where}")
    assert f"did not leave: {action}. No secret? `secretguard accept " in words
    assert TOKEN not in words


def test_an_exposure_comes_with_the_page_to_rotate(project: Path) -> None:
    """What a failing command showed went out: said even though the same secret was kept back before."""
    printed(project, TOKEN)
    words = said("PostToolUseFailure", project, tool_name="Bash", tool_input={"command": "make x"}, error=TOKEN)
    assert "left to the provider: the client lets no hook change what a failing Bash prints." in words
    assert "Replace it: https://github.com/settings/tokens." in words
    assert said("PostToolUseFailure", project, tool_name="Bash", tool_input={"command": "x"}, error=TOKEN) == ""


def test_a_refused_prompt_says_it_once(project: Path) -> None:
    """The refusal has it all; there is no second line beside it, but the tag is remembered."""
    answer = json.loads(ask("UserPromptSubmit", project, prompt=f"use {TOKEN}").stdout)
    assert "systemMessage" not in answer
    tag = next(given.sessions()).rows[0]["tag"]
    assert f"`secretguard accept {tag}`" in answer["reason"]


def test_a_mentioned_file_that_stopped_a_prompt_has_its_tag(project: Path) -> None:
    """The refusal names the file and the way on; the line beside it, how to accept a false alarm."""
    (project / "a.py").write_text(f"t = '{TOKEN}'\n")
    words = said("UserPromptSubmit", project, prompt="look at @a.py")
    tag = next(given.sessions()).rows[0]["tag"]
    accept = f"No secret? `secretguard accept {tag}`"
    assert words == f"secretguard: GitHub token in a.py did not leave: the prompt was stopped. {accept}"


def test_a_name_cannot_make_lines_of_its_own(project: Path) -> None:
    """A file's name with line ends and terminal codes is shown escaped, on the one line."""
    name = str(project / "a\nsecretguard: all is well\x1b[2J.py")
    words = said("PreToolUse", project, tool_name="Write", tool_input={"file_path": name, "content": f"t='{TOKEN}'"})
    assert words.isprintable()
    assert words.startswith("secretguard: GitHub token in a\\nsecretguard: all is well\\x1b[2J.py did not leave")


def test_a_file_elsewhere_is_named_whole_and_one_of_the_project_shortly(project: Path) -> None:
    """The right file is named; its path on disk is remembered for `accept --repo`."""
    for path, shown in ((project / "sub" / "a.py", "sub/a.py"), (Path("/srv/b.py"), "/srv/b.py")):
        response = {"type": "text", "file": {"content": TOKEN, "numLines": 1, "totalLines": 1}}
        given_ = {"file_path": str(path)}
        ids = {"session_id": str(path)}
        words = said("PostToolUse", project, tool_name="Read", tool_input=given_, tool_response=response, **ids)
        assert f"GitHub token in {shown} did not leave" in words
        assert next(s for s in given.sessions() if s.id == str(path)).rows[0]["path"] == str(path)
    assert TOKEN not in "".join(path.read_text() for path in Path(heard.directory()).iterdir())


def test_what_the_shell_wrapper_hid_is_told_by_the_next_hook(project: Path) -> None:
    """The hook after a command sees placeholders: it tells what waits, once, whether the command failed or not."""
    event = Event(AFTER, str(project), {"session_id": "session"}, "Bash", {"command": "make env"})
    room = Room(event, {"CLAUDE_PROJECT_DIR": str(project)})
    lines.wait(room.scan(TOKEN.encode()), "make env", room, "session")
    words = said("PostToolUseFailure", project, tool_name="Bash", tool_input={"command": "make env"}, error="x")
    assert words.startswith("secretguard: GitHub token in the output of `make env` did not leave: the model sees")
    lines.wait(room.scan(TOKEN.encode()), "make env", room, "session")
    assert printed(project, "fine") == ""
    lines.wait(room.scan(OTHER.encode()), "make other", room, "session")
    assert "GitLab token in the output of `make other`" in said("UserPromptSubmit", project, prompt="go on")
