"""The table of failure answers."""

from __future__ import annotations

import pytest

from secretguard.agents.capability import BLOCK, EXPOSED, SILENT, WITHHOLD, on_failure, version_of
from secretguard.agents.claude_code import KINDS


@pytest.mark.parametrize(
    ("event", "version", "answer"),
    [
        ("PreToolUse", (2, 1, 330), BLOCK),
        ("PreToolUse", None, BLOCK),
        ("PostToolUse", (2, 1, 121), WITHHOLD),
        ("PostToolUse", (2, 1, 120), EXPOSED),
        ("PostToolUse", None, WITHHOLD),
        ("PostToolUseFailure", (2, 1, 330), EXPOSED),
        ("UserPromptSubmit", (2, 1, 330), BLOCK),
        ("SessionStart", (2, 1, 330), SILENT),
        ("Stop", (2, 1, 330), SILENT),
        ("SessionEnd", (2, 1, 330), SILENT),
        ("Unheard", (2, 1, 330), BLOCK),
        ("PreToolUse", (0, 0, 1), BLOCK),
    ],
)
def test_the_answer_of_each_row(event: str, version: tuple[int, int, int] | None, answer: str) -> None:
    """By event and version; what is unknown blocks."""
    assert on_failure(event, version) == answer


def test_every_event_that_is_heard_has_a_row() -> None:
    """No event is answered by accident."""
    from secretguard.agents.capability import CLAUDE_CODE

    assert {row.event for row in CLAUDE_CODE} == set(KINDS)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("claude-code_2-1-330_harness", (2, 1, 330)),
        ("claude-code_2-1-330", (2, 1, 330)),
        ("", None),
        ("claude-code", None),
        ("other_1-2-3", None),
        ("claude-code_2-1_x", None),
        ("claude-code_2-1-x_y", None),
        ("claude-code_2-1-99999999999_y", None),
        ("claude-code_2-1-\u0663_y", None),
    ],
)
def test_the_version_in_the_environment(said: str, version: tuple[int, int, int] | None) -> None:
    """Only the exact form counts; everything else is unknown."""
    assert version_of(said) == version
