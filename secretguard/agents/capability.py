"""What each client can be told, per event and client version: the one table of failure answers.

Hot path: imports nothing. Every row was measured against the real client; a client that is not here has no hook.
"""

from __future__ import annotations

BLOCK = "block"  # reason on stderr, empty stdout, exit 2: the client refuses the tool, prompt or change
WITHHOLD = "withhold"  # exit 0 with a text in the tool's exact shape in place of the result
EXPOSED = "exposed"  # cannot be stopped any more: exit 2 tells the person, an exposure is recorded
SILENT = "silent"  # nothing is at stake: exit 0, nothing said


class Row:
    """One event of one client from version `since` on: how the guard answers when it fails."""

    __slots__ = ("event", "on_failure", "since")

    def __init__(self, event: str, since: tuple[int, int, int], on_failure: str) -> None:
        self.event = event
        self.since = since
        self.on_failure = on_failure


CLAUDE_CODE = (
    Row("PreToolUse", (1, 0, 38), BLOCK),
    Row("PostToolUse", (2, 1, 121), WITHHOLD),
    Row("PostToolUse", (1, 0, 38), EXPOSED),  # before 2.1.121 `updatedToolOutput` is ignored for all but MCP tools
    Row("PostToolUseFailure", (1, 0, 38), EXPOSED),  # has no field that replaces the error text
    Row("UserPromptSubmit", (1, 0, 54), BLOCK),
    Row("ConfigChange", (1, 0, 54), BLOCK),
    Row("SessionStart", (1, 0, 54), SILENT),
    Row("Stop", (1, 0, 38), SILENT),  # a refusal here would make the agent go on, again and again
    Row("SessionEnd", (1, 0, 85), SILENT),
)
"""Claude Code, newest row of an event first."""

OLDEST_REDACTING = (2, 1, 121)
"""First Claude Code that lets a hook replace the result of every tool."""
OLDEST_WITH_ARGUMENTS = (2, 1, 139)
"""First Claude Code that gives a hook its `args` without a shell; older ones pass over the key and start `command`."""
OLDEST_FAILING_CLOSED = (2, 1, 296)
"""First Claude Code that knows `onFailure: "block"`; older ones run the tool when a hook crashes."""


def on_failure(event: str, version: tuple[int, int, int] | None) -> str:
    """The failure answer for a Claude Code event; an unknown version counts as the newest, an unknown event blocks."""
    for row in CLAUDE_CODE:
        if row.event == event and (version is None or version >= row.since):
            return row.on_failure
    return BLOCK


def version_of(agent: str) -> tuple[int, int, int] | None:
    """The version in Claude Code's `AI_AGENT` variable (`claude-code_2-1-330_harness`), None where it has none."""
    parts = agent.split("_")
    if len(parts) < 2 or parts[0] != "claude-code":
        return None
    numbers = parts[1].split("-")
    if len(numbers) != 3 or not all(n.isascii() and n.isdigit() and len(n) < 7 for n in numbers):
        return None
    return int(numbers[0]), int(numbers[1]), int(numbers[2])
