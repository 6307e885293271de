"""The bench of damaged events: what counts as reaching the model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import guard_malformed
from bench.guard_malformed import CANARY, RESULTS, leaks


def test_a_small_run_of_the_real_thing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of some damaged events reaches the model."""
    monkeypatch.setattr(guard_malformed, "CASES", 40)
    monkeypatch.setattr(guard_malformed, "LARGE", 2)
    monkeypatch.setattr(guard_malformed, "_LEFT_OUT", {"depth": b"[" * 5_000 + b"]" * 5_000})
    leaked, _ = guard_malformed.reached(tmp_path)
    assert leaked == 0


@pytest.mark.parametrize(
    ("name", "tool", "status", "said", "leaked"),
    [
        ("PreToolUse", "Bash", 0, {}, True),
        ("PreToolUse", "Bash", 1, {}, True),
        ("PreToolUse", "Bash", 2, None, False),
        ("PreToolUse", "Bash", 0, {"hookSpecificOutput": {"permissionDecision": "deny"}}, False),
        ("PreToolUse", "Bash", 0, {"hookSpecificOutput": {"permissionDecision": "allow"}}, True),
        ("UserPromptSubmit", "", 0, {"decision": "block"}, False),
        ("PostToolUse", "Read", 2, None, True),
        ("PostToolUse", "Read", 0, {"hookSpecificOutput": {"updatedToolOutput": RESULTS["Read"]}}, True),
        ("PostToolUse", "Read", 0, {"hookSpecificOutput": {"updatedToolOutput": "withheld"}}, True),
        ("PostToolUse", "Read", 0, {"hookSpecificOutput": {"updatedToolOutput": {"type": "text", "file": {}}}}, False),
    ],
)
def test_what_the_client_would_do(name: str, tool: str, status: int, said: object, leaked: bool) -> None:
    """Before the fact all but a refusal lets pass; after it all but another text in the tool's shape."""
    assert CANARY in json.dumps(RESULTS["Read"])
    assert leaks((name, tool, b""), (status, b"" if said is None else json.dumps(said).encode())) is leaked
