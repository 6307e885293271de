"""Where a turn begins and ends."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from secretguard.guard import hook
from secretguard.guard.hook import respond
from secretguard.worktree.start import SESSION_END, TURN_END, TURN_START
from tests.secretguard.guard.events import TOKEN, VERSION, ask, payload, records


@pytest.mark.parametrize(
    ("event", "why"),
    [("SessionStart", TURN_START), ("UserPromptSubmit", TURN_START), ("Stop", TURN_END), ("SessionEnd", SESSION_END)],
)
def test_a_look_follows(project: Path, event: str, why: str) -> None:
    """Of the client's project, with the client's ids; the client is told nothing."""
    answer = ask(event, project, prompt="go")
    assert (answer.stdout, answer.stderr, answer.status) == ("", "", 0)
    assert answer.look is not None
    assert (answer.look.project, answer.look.why) == (str(project), why)
    ids = {"client": "claude-code", "client_version": "2.1.330", "session_id": "session", "prompt_id": "prompt"}
    assert answer.look.ids == ids


def test_a_look_is_named_by_its_time() -> None:
    """Later ones have later names."""
    from secretguard.guard.turns import fresh

    first, second = fresh(), fresh()
    assert first < second
    assert len(first) == len(second) == 16


def test_the_end_of_a_turn_is_recorded_with_its_look(project: Path) -> None:
    """So that one that never comes is seen."""
    answer = ask("Stop", project)
    (record,) = records("guard:turn:ended")
    assert answer.look is not None
    assert record["look"] == answer.look.look


def test_no_other_event_has_one(project: Path) -> None:
    """Nor a prompt that was refused: no turn follows."""
    assert ask("PreToolUse", project, tool_name="Read", tool_input={"file_path": "a"}).look is None
    assert ask("UserPromptSubmit", project, prompt=f"use {TOKEN}").look is None


def test_a_conversation_that_is_cut_short_begins_no_turn(project: Path) -> None:
    """The client tells of it as of a session's start, in the middle of a turn."""
    assert ask("SessionStart", project, source="compact").look is None
    assert ask("SessionStart", project, source="resume").look is not None


def test_a_failure_says_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Stop that is refused would make the agent go on: exit 0, whatever happens."""
    monkeypatch.setattr(hook, "decide", lambda event, room: 1 / 0)
    answer = respond(payload("Stop", project), {"AI_AGENT": VERSION})
    assert (answer.stdout, answer.stderr, answer.status, answer.look) == ("", "", 0, None)


def test_a_look_that_cannot_be_started_is_recorded(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gap is in the journal, by the look's name; the answer stays what it was."""
    monkeypatch.setattr("secretguard.worktree.start.start", lambda look: False)
    monkeypatch.setattr(hook, "_read", lambda: (payload("Stop", project), b""))
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    hook.main("claude-code")
    (record,) = records("guard:files:unlisted")
    assert ended == [0]
    assert record["looks"] == [records("guard:turn:ended")[0]["look"]]
    assert record["session_id"] == "session"


def test_the_look_starts_after_the_answer(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client does not wait for it to be started before it has what it waits for."""
    order: list[str] = []
    said = io.StringIO()

    def write(descriptor: int, text: str) -> None:
        order.append(f"write {descriptor}")
        said.write(text)

    monkeypatch.setattr(hook, "_write", write)
    monkeypatch.setattr("secretguard.worktree.start.start", lambda look: order.append("start") or True)
    monkeypatch.setattr(hook, "_read", lambda: (payload("UserPromptSubmit", project, prompt="go"), b""))
    monkeypatch.setattr(os, "_exit", lambda status: order.append("exit"))
    hook.main("claude-code")
    assert order == ["write 1", "write 2", "start", "exit"]
    assert not said.getvalue() or json.loads(said.getvalue())
