"""Claude Code's hook contract: its payload to an Event, our Outcome to its answer. Hot path.

Shapes and effects are those measured on 2.1.330; an answer must be one JSON object on stdout and nothing else there
(a line before it makes the client take the whole for plain text and run the tool).
"""

from __future__ import annotations

from secretguard.agents import capability
from secretguard.agents.event import (
    AFTER,
    BEFORE,
    END,
    FAILED,
    PROMPT,
    REQUEST,
    SETTINGS,
    START,
    TURN,
    Answer,
    Event,
    Outcome,
    UnreadableEvent,
)
from secretguard.rawjson import JsonError, dumps, loads
from secretguard.verdict import ASK, DENY

KINDS = {
    "PreToolUse": BEFORE,
    "PostToolUse": AFTER,
    "PostToolUseFailure": FAILED,
    "UserPromptSubmit": PROMPT,
    "ConfigChange": SETTINGS,
    "SessionStart": START,
    "Stop": TURN,
    "SessionEnd": END,
}
"""The client's events that the guard listens to, and what each is to the guard."""
MODEL_REQUEST = "ModelRequest"
"""Our own name for what the mod sends before a request to the model's API leaves (`agents/claude_plugin`)."""
_HEARD = {**KINDS, MODEL_REQUEST: REQUEST}
_NAMES = {kind: name for name, kind in _HEARD.items()}
_IDS = ("session_id", "tool_use_id", "prompt_id", "agent_id", "permission_mode")
_LONGEST_ID = 200

_RESULT = b'"hook_event_name":"PostToolUse","tool_name":"'
"""How each result of a tool begins, behind the session's own fields (measured, 2.1.121 to 2.1.330)."""

CLIENT = "claude-code"


def parse(payload: bytes) -> Event:
    """The event in one hook payload. Raises UnreadableEvent for anything that is not exactly the measured form."""
    try:
        body = loads(payload)
    except JsonError as error:
        raise UnreadableEvent(f"the event is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise UnreadableEvent("the event is not an object")
    kind = _HEARD.get(_text(body, "hook_event_name"))
    if kind is None:
        raise UnreadableEvent("hook_event_name is not an event that this guard knows")
    cwd = _text(body, "cwd")
    if not cwd.startswith("/") or "\0" in cwd:
        raise UnreadableEvent("cwd is not an absolute path")
    ids = {name: _text(body, name)[:_LONGEST_ID] for name in _IDS if name in body}
    if kind == PROMPT:
        return Event(kind, cwd, ids, text=_text(body, "prompt"), path=_transcript(body))
    if kind == REQUEST:
        return Event(kind, cwd, ids, text=_text(body, "body"))
    if kind == SETTINGS:
        return Event(kind, cwd, ids, path=_text(body, "file_path") if "file_path" in body else "")
    if kind in (START, TURN, END):
        source = body.get("source")
        return Event(kind, cwd, ids, text=source if isinstance(source, str) else "", path=_transcript(body))
    return _tool_event(kind, cwd, ids, body)


def _tool_event(kind: str, cwd: str, ids: dict[str, str], body: dict[str, object]) -> Event:
    tool = _text(body, "tool_name")
    given = body.get("tool_input")
    if not tool or not isinstance(given, dict):
        raise UnreadableEvent("tool_name or tool_input is missing")
    if kind == AFTER:
        if "tool_response" not in body:
            raise UnreadableEvent("tool_response is missing")
        return Event(kind, cwd, ids, tool, given, response=body["tool_response"])
    return Event(kind, cwd, ids, tool, given, text=_text(body, "error") if kind == FAILED else "")


def salvaged(head: bytes) -> Event | None:
    """Of a tool's result that cannot be read (cut off, not UTF-8, too large) what its first bytes still tell: the tool.

    That is enough to hold the result back in the tool's shape. The client writes the names before all that a tool or
    model chose, and escapes quotes in what comes before them. None where `head` tells of no result.
    """
    at = head.find(_RESULT)
    name, mark, _ = head[at + len(_RESULT) :].partition(b'"')
    if at < 0 or not mark or not name or len(name) > _LONGEST_ID or b"\\" in name:
        return None
    return Event(AFTER, "/", {}, name.decode("ascii", "replace"))


def _transcript(body: dict[str, object]) -> str:
    """The session's record on disk; "" where the client names none."""
    path = body.get("transcript_path")
    return path if isinstance(path, str) and path.startswith("/") and "\0" not in path else ""


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise UnreadableEvent(f"{name} is not a text")
    return value


def answer(event: Event, outcome: Outcome) -> Answer:
    """The client's form of `outcome`. An allowed action with nothing to say is an empty answer: no opinion."""
    said: dict[str, object] = {}
    if outcome.notice:
        said["systemMessage"] = outcome.notice
    refused = outcome.verdict.outcome in (ASK, DENY)
    if event.kind == BEFORE and refused:
        specific: dict[str, object] = {
            "hookEventName": "PreToolUse",
            "permissionDecision": outcome.verdict.outcome,
            "permissionDecisionReason": outcome.verdict.reason,
        }
        if outcome.given is not None and outcome.verdict.outcome == ASK:
            specific["updatedInput"] = outcome.given
        said["hookSpecificOutput"] = specific
    elif event.kind == BEFORE and outcome.given is not None:
        said["hookSpecificOutput"] = {"hookEventName": "PreToolUse", "updatedInput": outcome.given}
    elif event.kind in (PROMPT, SETTINGS) and refused:
        said["decision"] = "block"
        said["reason"] = outcome.verdict.reason
        if event.kind == PROMPT:  # else the client writes the refused prompt into its transcript
            said["hookSpecificOutput"] = {"hookEventName": "UserPromptSubmit", "suppressOriginalPrompt": True}
    elif event.kind == REQUEST and refused:
        said["deny"] = outcome.verdict.reason
    elif event.kind == REQUEST and outcome.response is not None:
        said["body"] = dumps(outcome.response)
    elif event.kind == AFTER and outcome.response is not None:
        said["hookSpecificOutput"] = _replacement(outcome)
    elif outcome.advice and event.kind in (BEFORE, AFTER, FAILED, PROMPT, START):
        said["hookSpecificOutput"] = {"hookEventName": _NAMES[event.kind], "additionalContext": outcome.advice}
    return Answer(dumps(said) + "\n") if said else Answer()


def _replacement(outcome: Outcome) -> dict[str, object]:
    shown: dict[str, object] = {"hookEventName": "PostToolUse", "updatedToolOutput": outcome.response}
    if outcome.advice:
        shown["additionalContext"] = outcome.advice
    return shown


def failure(event: Event | None, reason: str, version: tuple[int, int, int] | None) -> Answer:
    """The answer when the guard failed on `event` (None: it could not even be read), by the capability table."""
    name = _NAMES[event.kind] if event is not None else ""
    means = capability.on_failure(name, version) if name else capability.BLOCK
    if means == capability.SILENT:
        return Answer()
    if means == capability.WITHHOLD and event is not None:
        from secretguard.agents.withheld import withheld

        text = f"[secretguard withheld this output: {reason}]"
        shown = {"hookEventName": name, "updatedToolOutput": withheld(event.tool, event.response, text)}
        return Answer(dumps({"systemMessage": f"secretguard: {reason}", "hookSpecificOutput": shown}) + "\n")
    return Answer(stderr=f"secretguard: {reason}\n", status=2)
