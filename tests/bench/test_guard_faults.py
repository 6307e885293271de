"""The bench of faults: what counts as answered, and that a guard that says nothing is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import guard_faults

pytestmark = pytest.mark.slow


def test_broken_parts_are_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of the real faults, each with both events."""
    some = {name: guard_faults.FAULTS[name] for name in ("process killed", "pack damaged", "interpreter deleted")}
    monkeypatch.setattr(guard_faults, "FAULTS", some)
    assert guard_faults.answered(tmp_path) == ([], 6)


def test_a_guard_that_lets_pass_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer holds a tool back and no text; an empty one and another's opinion hold back neither."""
    silent, nothing = lambda *_: (1, b""), lambda *_: (0, b"")
    monkeypatch.setattr(guard_faults, "FAULTS", {"silent": silent, "nothing": nothing})
    passed, events = guard_faults.answered(tmp_path)
    assert passed == ["silent, PostToolUse", "nothing, PreToolUse", "nothing, PostToolUse"]
    assert events == 4
