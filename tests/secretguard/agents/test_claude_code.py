"""The client's payloads and answers."""

from __future__ import annotations

import json

import pytest

from secretguard.agents.claude_code import answer, failure, parse, salvaged
from secretguard.agents.event import AFTER, BEFORE, PROMPT, SETTINGS, START, Event, Outcome, UnreadableEvent
from secretguard.verdict import ALLOW, ASK, DENY, REDACT, Verdict


def event(kind: str) -> Event:
    return Event(kind, "/", {}, "Bash", {}, response={"stdout": "x", "stderr": "", "interrupted": False})


def outcome(verdict: str, **more: object) -> Outcome:
    return Outcome(Verdict(verdict, "because", "rule"), "guard:x:y", {}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("decision", [ASK, DENY])
def test_a_refused_tool(decision: str) -> None:
    """The decision and its reason, in the client's own fields."""
    said = json.loads(answer(event(BEFORE), outcome(decision)).stdout)
    assert said["hookSpecificOutput"] == {
        "hookEventName": "PreToolUse", "permissionDecision": decision, "permissionDecisionReason": "because",
    }  # fmt: skip


def test_a_refused_change_of_settings() -> None:
    """It blocks at the top level."""
    assert json.loads(answer(event(SETTINGS), outcome(DENY)).stdout) == {"decision": "block", "reason": "because"}


def test_a_refused_prompt() -> None:
    """It blocks at the top level, and tells the client not to repeat the prompt in what it keeps on disk."""
    said = json.loads(answer(event(PROMPT), outcome(DENY)).stdout)
    shown = said.pop("hookSpecificOutput")
    assert said == {"decision": "block", "reason": "because"}
    assert shown == {"hookEventName": "UserPromptSubmit", "suppressOriginalPrompt": True}


def test_a_redacted_result() -> None:
    """The replacement goes out whole."""
    said = json.loads(answer(event(AFTER), outcome(REDACT, response={"stdout": "y"}, notice="n", advice="a")).stdout)
    assert said["systemMessage"] == "n"
    assert said["hookSpecificOutput"]["updatedToolOutput"] == {"stdout": "y"}
    assert said["hookSpecificOutput"]["additionalContext"] == "a"


@pytest.mark.parametrize("kind", [BEFORE, AFTER, PROMPT, SETTINGS, START])
def test_nothing_to_say_is_an_empty_answer(kind: str) -> None:
    """Allowed is no opinion: `allow` would skip the client's own permission rules."""
    given = answer(event(kind), outcome(ALLOW))
    assert (given.stdout, given.stderr, given.status) == ("", "", 0)


def test_an_answer_is_one_line_of_ascii() -> None:
    """Anything beside one JSON object would make the client run the tool."""
    stdout = answer(event(BEFORE), Outcome(Verdict(DENY, "é\n\u2028{", "r"), "e", {})).stdout
    assert stdout.isascii()
    assert stdout.count("\n") == 1


def test_failures_by_the_table() -> None:
    """Before: exit 2 and an empty stdout. After: withheld in shape. Start: silent."""
    given = failure(event(BEFORE), "why", (2, 1, 330))
    assert (given.status, given.stdout) == (2, "")
    given = failure(event(AFTER), "why", (2, 1, 330))
    shown = json.loads(given.stdout)["hookSpecificOutput"]["updatedToolOutput"]
    assert given.status == 0
    assert shown == {"stdout": "[secretguard withheld this output: why]", "stderr": "", "interrupted": False}
    assert failure(event(START), "why", None).status == 0
    assert failure(None, "why", None).status == 2


def test_ids_are_cut() -> None:
    """What goes into records is bounded."""
    body = {"hook_event_name": "SessionStart", "cwd": "/", "session_id": "x" * 10_000}
    assert len(parse(json.dumps(body).encode()).ids["session_id"]) == 200


def test_the_error_does_not_quote_the_input() -> None:
    """An unreadable event may hold a secret."""
    with pytest.raises(UnreadableEvent) as caught:
        parse(b'{"hook_event_name": "CANARY", "cwd": "/"}')
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "tool"),
    [
        (b'{"session_id":"s","hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{"com', "Bash"),
        (b'\xff{"a":NaN,"hook_event_name":"PostToolUse","tool_name":"mcp__s__t"', "mcp__s__t"),
        (b'{"cwd":"/\\"hook_event_name\\":\\"PostToolUse\\"","hook_event_name":"PreToolUse","tool_name":"Bash"', ""),
        (b'{"hook_event_name":"PostToolUse","tool_name":"Ba', ""),
        (b'{"hook_event_name":"PostToolUse","tool_name":"a\\u0062"', ""),
        (b'{"hook_event_name":"PostToolUse","tool_name":""', ""),
        (b"", ""),
    ],
)
def test_the_tool_of_a_damaged_result_is_still_read(head: bytes, tool: str) -> None:
    """From its first bytes, and nothing is taken for one that is not the client's own."""
    event = salvaged(head)
    assert (event.tool if event else "") == tool
    assert event is None or event.kind == "after"


def test_another_input_goes_out_whole() -> None:
    """Beside no decision, which leaves the client's rules in force, and beside a question; never beside a refusal."""
    for decision, expected in ((ALLOW, None), (ASK, ASK), (DENY, DENY)):
        one = outcome(decision)
        one.given = {"file_path": "/a", "old_string": "b"}
        said = json.loads(answer(event(BEFORE), one).stdout)["hookSpecificOutput"]
        assert said.get("permissionDecision") == expected
        assert said.get("updatedInput") == (None if decision == DENY else one.given)
