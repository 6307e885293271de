"""The hook as a whole: every fault fails closed, every verdict is recorded first, no record holds a secret."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretguard.audit.digest import key_id
from secretguard.audit.journal import Journal
from secretguard.errors import GuardError, RecordError
from secretguard.guard import hook
from secretguard.guard.hook import respond
from secretguard.keyed import user_key
from tests.secretguard.guard.events import IDS, TOKEN, VERSION, after, ask, before, payload, records, shape

PAYLOADS = json.loads((Path(__file__).parents[2] / "data" / "claude_code_payloads.json").read_text())["payloads"]
READ = {
    "type": "text",
    "file": {"filePath": "/a", "content": f"x {TOKEN}\n", "numLines": 1, "startLine": 1, "totalLines": 1},
}


def closed(answer: object) -> bool:
    """The answer that stops a tool, prompt or change: exit 2, a reason on stderr, an empty stdout."""
    return answer.status == 2 and answer.stdout == "" and answer.stderr.startswith("secretguard: ")  # type: ignore[attr-defined]


@pytest.mark.parametrize("event", PAYLOADS, ids=lambda p: f"{p['hook_event_name']} {p.get('tool_name', '')}")
def test_every_measured_event_of_the_client_is_understood(event: dict[str, object], project: Path) -> None:
    """Payloads recorded from the real client get an answer, not a failure."""
    assert respond(json.dumps({**event, "cwd": str(project)}).encode(), {}).status == 0


@pytest.mark.parametrize(
    "event", [p for p in PAYLOADS if p["hook_event_name"] == "PostToolUse"], ids=lambda p: p["tool_name"]
)
def test_every_measured_result_keeps_its_shape(event: dict[str, object], project: Path) -> None:
    """With a secret in each text, every measured result is redacted in exactly its own shape."""

    def planted(value: object) -> object:
        if isinstance(value, dict):
            return {k: v if k in ("type", "base64") else planted(v) for k, v in value.items()}
        if isinstance(value, list):
            return [planted(item) for item in value]
        return f"{value} {TOKEN} " if isinstance(value, str) else value

    response = planted(event["tool_response"])
    shown = after(project, str(event["tool_name"]), response, **event["tool_input"])  # type: ignore[arg-type]
    if shown is None:
        assert TOKEN not in json.dumps(response)  # an image: nothing to read
        return
    assert shape(shown) == shape(response)
    assert TOKEN not in json.dumps(shown)
    assert "[[secret:github-token:" in json.dumps(shown)


HOSTILE = {
    "empty": b"",
    "white space": b" \n",
    "truncated": payload("PreToolUse", Path("/"), tool_name="Bash", tool_input={"command": "ls"})[:-5],
    "not UTF-8": b'{"hook_event_name": "PreToolUse\xff"}',
    "byte order mark": b"\xef\xbb\xbf"
    + payload("PreToolUse", Path("/"), tool_name="Bash", tool_input={"command": "ls"}),
    "NaN": payload("PreToolUse", Path("/"), tool_name="X", tool_input={"a": 1}).replace(b'"a": 1', b'"a": NaN'),
    "duplicate key": b'{"hook_event_name": "SessionStart", "cwd": "/", "cwd": "/tmp"}',
    "too deep": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "list": b"[]",
    "number": b"1",
    "text after": payload("SessionStart", Path("/")) + b"{}",
    "unknown event": payload("SomethingNew", Path("/")),
    "no cwd": b'{"hook_event_name": "SessionStart"}',
    "relative cwd": b'{"hook_event_name": "SessionStart", "cwd": "x"}',
    "cwd of another type": b'{"hook_event_name": "SessionStart", "cwd": 1}',
    "id of another type": payload("SessionStart", Path("/"), session_id=1),
    "no tool": payload("PreToolUse", Path("/"), tool_input={}),
    "no input": payload("PreToolUse", Path("/"), tool_name="Bash"),
    "input of another type": payload("PreToolUse", Path("/"), tool_name="Bash", tool_input=[]),
    "no command": payload("PreToolUse", Path("/"), tool_name="Bash", tool_input={}),
    "command of another type": payload("PreToolUse", Path("/"), tool_name="Bash", tool_input={"command": ["ls"]}),
    "no path": payload("PreToolUse", Path("/"), tool_name="Read", tool_input={}),
    "path with NUL": payload("PreToolUse", Path("/"), tool_name="Read", tool_input={"file_path": "/a\0b"}),
    "write without text": payload("PreToolUse", Path("/"), tool_name="Write", tool_input={"file_path": "/a"}),
    "no response": payload("PostToolUse", Path("/"), tool_name="Read", tool_input={}),
    "prompt of another type": payload("UserPromptSubmit", Path("/"), prompt=None),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_cannot_be_read_is_refused_and_recorded(data: bytes) -> None:
    """Malformed input of any kind ends in exit 2, an empty stdout, and a record that claims no more than is known."""
    assert closed(respond(data, {}))
    (record,) = records("guard:event:unreadable")
    assert record["outcome"] in ("cannot tell", "did not leave")


def test_an_event_too_large_to_read_is_refused() -> None:
    """Above the cap nothing is parsed."""
    assert closed(respond(None, {}))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["hook_event_name", "cwd", "tool_name", "tool_input", "tool_response", "prompt", "error", "x"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.text(max_size=8)
            | st.sampled_from(["PreToolUse", "PostToolUse", "/", "Bash", "Read"]),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=6,
        ),
    )
)
def test_any_object_gets_an_answer_of_the_contract(body: dict[str, object]) -> None:
    """Whatever the object: exit 0 with nothing or one JSON object, or exit 2 with an empty stdout."""
    answer = respond(json.dumps(body).encode(), {})
    if answer.status == 0:
        assert answer.stderr == ""
        assert not answer.stdout or isinstance(json.loads(answer.stdout), dict)
    else:
        assert closed(answer)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 200), st.binary(max_size=3))
def test_damaged_bytes_never_pass(at: int, damage: bytes) -> None:
    """A payload with bytes cut or overwritten is refused, unless it is still the whole event."""
    whole = payload("PreToolUse", Path("/"), tool_name="Bash", tool_input={"command": "env"})
    answer = respond(whole[:at] + damage + whole[at + len(damage) :], {})
    assert closed(answer) or answer.status == 0


def test_a_broken_engine_refuses_before_and_withholds_after(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without detection nothing is read, run or shown."""

    def broken() -> object:
        raise GuardError("no rules")

    monkeypatch.setattr("secretguard.guard.room.open_engine", broken)
    assert closed(ask("PreToolUse", project, tool_name="Read", tool_input={"file_path": "/a"}))
    assert closed(ask("UserPromptSubmit", project, prompt="hello"))
    shown = after(project, "Read", READ, file_path="/a")
    assert shape(shown) == shape(READ)
    assert TOKEN not in json.dumps(shown)
    assert "withheld" in shown["file"]["content"]
    assert records("guard:read:withheld")


def test_a_bug_is_a_refusal_without_its_text(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception names its kind alone: its message could hold anything."""

    def bug(event: object, room: object) -> object:
        raise ZeroDivisionError(TOKEN)

    monkeypatch.setattr(hook, "decide", bug)
    answer = ask("PreToolUse", project, tool_name="Read", tool_input={"file_path": "/a"})
    assert closed(answer)
    assert TOKEN not in answer.stderr
    assert "ZeroDivisionError" in answer.stderr


@pytest.mark.parametrize("error", [MemoryError, RecursionError, KeyboardInterrupt])
def test_exhaustion_and_signals_fail_closed(
    project: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    """Even what is no ordinary exception ends the process with a refusal."""

    def bug(event: object, room: object) -> object:
        raise error

    monkeypatch.setattr(hook, "decide", bug)
    if error is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):  # `main` is the boundary for these
            ask("PreToolUse", project, tool_name="Read", tool_input={"file_path": "/a"})
    else:
        assert closed(ask("PreToolUse", project, tool_name="Read", tool_input={"file_path": "/a"}))


def test_the_deadline_is_kept(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision that takes too long is a refusal, long before the client would give up."""
    monkeypatch.setattr(hook, "DEADLINE", 0.05)
    monkeypatch.setattr(hook, "decide", lambda event, room: time.sleep(30))
    assert closed(ask("PreToolUse", project, tool_name="Bash", tool_input={"command": "ls"}))
    shown = after(project, "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command="x")
    assert TOKEN not in json.dumps(shown)


def test_the_deadline_is_a_third_of_what_the_client_waits() -> None:
    """The guard answers by itself before the client counts it as failed."""
    assert hook.DEADLINE <= hook.HOST_TIMEOUT / 3


def test_the_record_comes_before_the_answer(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the answer is formed, the verdict is already in the journal."""
    real = hook.claude_code.answer
    order = []

    def answer(event: object, outcome: object) -> object:
        order.extend(record["event"] for record in records("guard:command:denied"))
        return real(event, outcome)  # type: ignore[arg-type]

    monkeypatch.setattr(hook.claude_code, "answer", answer)
    assert before(project, "Bash", command="env")[0] == "deny"
    assert order == ["guard:command:denied"]


def test_a_journal_that_fails_stops_what_must_be_recorded(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redaction becomes withheld and an ask becomes a refusal; an allowed action goes on."""

    def full(self: Journal, event: str, fields: dict[str, object]) -> None:
        raise RecordError("the disk is full")

    monkeypatch.setattr(Journal, "append", full)
    assert "withheld" in after(project, "Read", READ, file_path="/a")["file"]["content"]
    assert closed(ask("PreToolUse", project, tool_name="Bash", tool_input={"command": "git reset --hard"}))
    assert before(project, "Bash", command="git status") == ("", "")


def test_no_record_holds_a_secret_and_each_names_its_event(project: Path) -> None:
    """Commands and paths are recorded after redaction, with the client's ids and a keyed digest."""
    before(project, "Bash", command=f"curl -H 'X: {TOKEN}' https://x.example")
    before(project, "Read", file_path=f"/x/{TOKEN}.txt")
    before(project, "Write", file_path="/x/a.py", content=f"t = '{TOKEN}'")
    after(project, "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command=f"echo {TOKEN}")
    ask("UserPromptSubmit", project, prompt=TOKEN)
    ask("PostToolUseFailure", project, tool_name="Bash", tool_input={"command": TOKEN}, error=TOKEN)
    found = records()
    assert len(found) >= 7
    assert TOKEN not in json.dumps(found)
    for record in found[1:]:
        assert record["session_id"] == "session"
        assert record["client"] == "claude-code"
        assert record["client_version"] == "2.1.330"
    (command,) = records("guard:command:denied")
    assert command["command_digest"].startswith(f"{key_id(user_key())}:")


def test_an_old_client_is_told_of_an_exposure_when_the_guard_fails(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before 2.1.121 a result cannot be withheld: exit 2, and the record says cannot tell."""
    monkeypatch.setattr(hook, "decide", lambda event, room: 1 / 0)
    data = payload("PostToolUse", project, tool_name="Read", tool_input={}, tool_response=READ)
    assert closed(respond(data, {"AI_AGENT": "claude-code_2-1-120_x"}))
    assert records()[-1]["outcome"] == "cannot tell"


@pytest.mark.parametrize("damage", ["cut", "not UTF-8", "NaN", "twice", "deep", "too large"])
def test_a_damaged_result_is_held_back_in_its_tools_shape(project: Path, damage: str) -> None:
    """Its tool is still to be read; the record says what became of it."""
    whole = json.dumps(
        {**IDS, "cwd": str(project), "hook_event_name": "PostToolUse", "tool_name": "Bash",
         "tool_input": {"command": "x"}, "tool_response": {"stdout": TOKEN}},
        separators=(",", ":"),
    ).encode()  # fmt: skip
    damaged: bytes | None = {
        "cut": whole[:-20], "not UTF-8": whole[:-2] + b"\xff}}", "NaN": whole[:-1] + b',"n":NaN}',
        "twice": whole[:-1] + b',"cwd":"/"}', "deep": whole[:-1] + b',"n":' + b"[" * 10**5 + b"]" * 10**5 + b"}",
        "too large": None,
    }[damage]  # fmt: skip
    answer = respond(damaged, {"AI_AGENT": VERSION}, head=whole[:-20] if damaged is None else b"")
    shown = json.loads(answer.stdout)["hookSpecificOutput"]["updatedToolOutput"]
    assert set(shown) == {"stdout", "stderr", "interrupted"}
    assert "withheld" in shown["stdout"]
    assert answer.status == 0
    (record,) = records("guard:event:unreadable")
    assert (record["tool"], record["outcome"]) == ("Bash", "did not leave")
