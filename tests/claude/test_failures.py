"""The real client when the guard fails, is removed, or meets what no hook can change."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.agents.loopback_api import use
from tests.claude.session import play, prepare
from tests.claude.test_session import CANARY, bash

pytestmark = [pytest.mark.claude, pytest.mark.slow]

FILES = {"app.env": f"TOKEN={CANARY}\n"}
READ = [use("Read", file_path="$WORK/app.env")]


def test_without_the_guard_the_secret_leaves(client: Path, tmp_path: Path) -> None:
    """The control: the same session without hooks sends the canary, so the tests beside this one can fail."""
    extra = prepare(tmp_path, FILES, guarded=False)
    assert play(client, tmp_path, [READ], extra=extra).sent(CANARY)


def test_a_guard_without_its_python_fails_closed(client: Path, tmp_path: Path) -> None:
    """The launcher refuses the prompt and every tool when the interpreter below it is gone."""
    extra = prepare(tmp_path, FILES)
    launcher = tmp_path / "guard" / "state" / "hooks" / "secretguard-claude-code"
    lines = [line.replace("-x /", "-x /gone/") for line in launcher.read_text().splitlines()]
    launcher.write_text("\n".join(lines) + "\n")
    assert not play(client, tmp_path, [READ], extra=extra).sent(CANARY)


def test_a_guard_that_crashes_fails_closed(client: Path, tmp_path: Path) -> None:
    """A hook that ends with an error before it answers stops the tool: the client honours `onFailure`."""
    extra = prepare(tmp_path, FILES)
    launcher = tmp_path / "guard" / "state" / "hooks" / "secretguard-claude-code"
    launcher.write_text("#!/bin/sh\ncase $(cat) in *PreToolUse*) exit 1;; esac\n")
    session = play(client, tmp_path, [READ], extra=extra)
    assert session.results[0][0]
    assert not session.sent(CANARY)


def test_a_damaged_journal_directory_stops_the_release(client: Path, tmp_path: Path) -> None:
    """Record, then act: where nothing can be recorded, the result is withheld in the tool's own shape."""
    extra = prepare(tmp_path, FILES)
    audit = tmp_path / "guard" / "state" / "audit"
    for file in audit.iterdir():
        file.unlink()
    (audit / "journal.jsonl").mkdir()
    session = play(client, tmp_path, [READ], extra=extra)
    assert not session.sent(CANARY)
    assert "withheld" in session.results[0][1]


def test_a_failing_command_is_a_recorded_exposure(client: Path, tmp_path: Path) -> None:
    """No hook can change the text of a failure: without the shell wrapper the guard says so in the journal."""
    extra = prepare(tmp_path, FILES, options=("--no-shell",))
    session = play(client, tmp_path, [bash("cat app.env; exit 3")], extra=extra)
    assert session.sent(CANARY)
    (exposure,) = session.records("guard:read:exposed")
    assert exposure["outcome"] == "left"
    assert session.files_with(CANARY, tmp_path / "guard") == []


@pytest.mark.parametrize("prompt", [f"my token is {CANARY}", "look at @app.env", "look at @./app.env."])
def test_a_prompt_with_a_secret_is_not_sent(client: Path, tmp_path: Path, prompt: str) -> None:
    """A secret typed into the prompt, or in a file that it mentions, stops the prompt before any request."""
    extra = prepare(tmp_path, FILES)
    session = play(client, tmp_path, [READ], extra=extra, prompt=prompt)
    assert not session.sent(CANARY)
    assert session.records("guard:prompt:denied")


def test_a_clean_prompt_is_sent(client: Path, tmp_path: Path) -> None:
    """An ordinary prompt with a mention goes through."""
    extra = prepare(tmp_path, {**FILES, "notes.txt": "nothing here\n"})
    session = play(client, tmp_path, [[{"type": "text", "text": "hello"}]], extra=extra, prompt="see @notes.txt please")
    assert session.sent("see @notes.txt please")
    assert "hello" in session.stdout
