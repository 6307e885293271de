"""What is answered: an event as the hook would, the state, the end; nothing by a program that was replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.guard.hook import respond
from secretguard.pack import native_module
from secretguard.resident import answers
from secretguard.resident.frame import Head
from tests.secretguard.guard.events import TOKEN, payload, records


def head(method: str, path: str, **headers: str) -> Head:
    return Head(method, path, {name.replace("_", "-"): value for name, value in headers.items()}, 0)


@pytest.fixture
def answering() -> answers.Answers:
    return answers.Answers(native_module())


def result(project: Path) -> bytes:
    shown = {"stdout": f"TOKEN={TOKEN}", "stderr": "", "interrupted": False}
    return payload("PostToolUse", project, tool_name="Bash", tool_input={"command": "x"}, tool_response=shown)


def test_an_event_is_answered_as_by_the_hook(answering: answers.Answers, tmp_path: Path) -> None:
    """Byte for byte, and recorded as the hook does."""
    status, body = answering.answer(head("POST", "/event", x_project=str(tmp_path)), result(tmp_path))
    said = json.loads(body)
    hook = respond(result(tmp_path), {"CLAUDE_PROJECT_DIR": str(tmp_path)})
    assert status == 200
    assert (said["status"], said["stderr"]) == (hook.status, hook.stderr)
    shown = json.loads(said["stdout"])["hookSpecificOutput"]["updatedToolOutput"]
    assert shown == json.loads(hook.stdout)["hookSpecificOutput"]["updatedToolOutput"]
    assert TOKEN not in said["stdout"]
    assert len(records("guard:read:redacted")) == 2


def test_the_project_is_the_clients(answering: answers.Answers, tmp_path: Path) -> None:
    """Percent-encoded in a header; a placeholder is another one in another project."""
    said = {
        answering.answer(head("POST", "/event", x_project=project), result(tmp_path))[1]
        for project in ("/srv/a", "/srv/b%20c%C3%A9")
    }
    tags = {
        json.loads(json.loads(body)["stdout"])["hookSpecificOutput"]["updatedToolOutput"]["stdout"] for body in said
    }
    assert len(tags) == 2


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b'{"hook_event_name":"PreToolUse"}', b"\xff" * 100])
def test_what_is_no_event_is_refused(answering: answers.Answers, body: bytes) -> None:
    """With the answer that a hook would give."""
    status, said = answering.answer(head("POST", "/event"), body)
    assert status == 200
    assert json.loads(said)["status"] == 2


def test_a_replaced_program_answers_no_event(
    answering: answers.Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so and ends; the next one is another process."""
    monkeypatch.setattr(answers, "_LOOK_AGAIN", 0.0)
    monkeypatch.setattr(answers, "stamp", lambda native: "another")
    assert answering.answer(head("POST", "/event"), result(tmp_path))[0] == 503
    assert answering.ended == "the program was replaced"
    assert records() == []


def test_the_rest(answering: answers.Answers) -> None:
    """Its state, its end, and nothing else."""
    state = json.loads(answering.answer(head("GET", "/status"), b"")[1])
    assert state["stamp"] == answering.stamp
    assert state["events"] == 0
    assert answering.answer(head("GET", "/event"), b"")[0] == 404
    assert answering.answer(head("POST", "/elsewhere"), b"")[0] == 404
    assert answering.ended == ""
    assert answering.answer(head("POST", "/stop"), b"")[0] == 200
    assert answering.ended
