"""Prompts and calls that would take a secret along."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.secretguard.guard.events import TOKEN, ask, before, records

SECRET = f"TOKEN={TOKEN}\n"


def prompt(project: Path, text: str = "go on", **more: object) -> str:
    """The reason for which a prompt is stopped; "" where it goes."""
    answer = ask("UserPromptSubmit", project, prompt=text, **more)
    assert answer.status == 0, answer.stderr
    return json.loads(answer.stdout)["reason"] if answer.stdout else ""


def test_a_secret_in_memory_stops_the_prompt(project: Path) -> None:
    """With the file, what to do, and a record; the value is in neither."""
    (project / "CLAUDE.md").write_text(SECRET)
    reason = prompt(project)
    assert "CLAUDE.md holds 1 secret(s) (github-token)" in reason
    assert "pragma: allowlist secret" in reason
    assert TOKEN not in reason
    (record,) = records("guard:prompt:denied")
    assert record["rule"] == "secret-in-memory-file"
    assert record["outcome"] == "did not leave"


def test_a_clean_memory_file_goes(project: Path) -> None:
    """And what it includes."""
    (project / "CLAUDE.md").write_text("neutral @a.md\n")
    (project / "a.md").write_text("neutral\n")
    assert prompt(project) == ""


def test_cleaning_is_not_enough_for_the_session_that_had_read_it(project: Path) -> None:
    """The next session goes."""
    (project / "CLAUDE.md").write_text(SECRET)
    said = json.loads(ask("SessionStart", project, source="startup").stdout)["systemMessage"]
    assert "prompts are held back" in said
    assert "new session" in prompt(project)
    (project / "CLAUDE.md").write_text("clean\n")
    assert "still has it in memory" in prompt(project)
    ask("SessionStart", project, source="clear", session_id="another")
    assert prompt(project, session_id="another") == ""


def test_a_mention_takes_the_memory_of_its_folder_along(project: Path) -> None:
    """Naming a clean file in a folder whose memory holds a secret stops the prompt."""
    (project / "sub").mkdir()
    (project / "sub" / "CLAUDE.md").write_text(SECRET)
    (project / "sub" / "x.txt").write_text("neutral\n")
    assert "sub/CLAUDE.md" in prompt(project, "see @sub/x.txt")
    assert prompt(project, "see sub/x.txt") == ""


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("Read", {"file_path": "sub/x.txt"}),
        ("Write", {"file_path": "sub/new.txt", "content": "x\n"}),
        ("Edit", {"file_path": "sub/x.txt", "old_string": "a", "new_string": "b"}),
        ("NotebookEdit", {"notebook_path": "sub/n.ipynb", "new_source": "x = 1"}),
        ("Bash", {"command": "cat sub/x.txt"}),
    ],
)
def test_a_tool_that_opens_a_file_takes_it_along(project: Path, tool: str, given: dict[str, str]) -> None:
    """Refused, with the person's way on; allowed where the memory is clean."""
    (project / "sub").mkdir()
    (project / "sub" / "x.txt").write_text("a\n")
    (project / "sub" / "CLAUDE.md").write_text("neutral\n")
    assert before(project, tool, **given) == ("", "")
    (project / "sub" / "CLAUDE.md").write_text(SECRET)
    decision, reason = before(project, tool, **given)
    assert decision == "deny"
    assert "sub/CLAUDE.md holds 1 secret(s)" in reason


def test_a_conversation_taken_up_again_stops_the_prompt(project: Path, tmp_path: Path) -> None:
    """Where a secret is in it or it cannot be looked through."""
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps({"content": SECRET}) + "\n")
    ask("SessionStart", project, source="resume", transcript_path=str(path))
    assert "conversation that holds a secret" in prompt(project, transcript_path=str(path))
    path.unlink()
    path.mkdir()
    ask("SessionStart", project, source="resume", transcript_path=str(path))
    assert "too long to look" in prompt(project, transcript_path=str(path))
