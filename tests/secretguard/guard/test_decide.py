"""The table of deciders: each kind of event and tool reaches its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.agents.event import AFTER, BEFORE, FAILED, PROMPT, SETTINGS, START, Event
from secretguard.guard.decide import WRITERS, decide
from secretguard.guard.outcomes import allowed
from secretguard.guard.room import Room
from secretguard.verdict import ALLOW
from tests.secretguard.guard.events import TOKEN

INPUT: dict[str, object] = {
    "file_path": "a.py",
    "notebook_path": "a.ipynb",
    "content": "x",
    "new_string": "x",
    "new_source": "x",
    "command": "ls",
}


@pytest.mark.parametrize(
    ("kind", "tool", "event"),
    [
        (BEFORE, "Read", "guard:read:allowed"),
        *((BEFORE, tool, "guard:write:allowed") for tool in sorted(WRITERS)),
        (BEFORE, "Bash", "guard:command:allowed"),
        (BEFORE, "Agent", "guard:command:allowed"),
        (BEFORE, "Grep", "guard:read:allowed"),
        (AFTER, "Bash", "guard:read:redacted"),
        (FAILED, "Bash", "guard:read:exposed"),
        (PROMPT, "", "guard:prompt:denied"),
        (SETTINGS, "", ""),
        (START, "", "guard:known:indexed"),
    ],
)
def test_each_event_has_its_decider(project: Path, kind: str, tool: str, event: str) -> None:
    """The record's event tells which decider spoke."""
    given = Event(kind, str(project), {}, tool, INPUT, response={"stdout": TOKEN, "stderr": ""}, text=TOKEN)
    assert decide(given, Room(given, {})).event == event


def test_allowed_has_nothing_to_say() -> None:
    """An allowed action changes nothing."""
    outcome = allowed("guard:read:allowed", "rule", {})
    assert outcome.verdict.outcome == ALLOW
    assert outcome.response is None
