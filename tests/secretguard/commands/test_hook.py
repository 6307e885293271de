"""`secretguard hook claude-code`: the slow way to the same answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.secretguard.guard.events import payload


def run(arguments: list[str], data: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "secretguard", "hook", *arguments]
    root = Path(__file__).resolve().parents[3]
    return subprocess.run(command, input=data, capture_output=True, cwd=root, timeout=60, check=False)


def test_the_command_answers_as_the_installed_hook_does(tmp_path: Path) -> None:
    """One JSON object on stdout, exit 0."""
    done = run(["claude-code"], payload("PreToolUse", tmp_path, tool_name="Bash", tool_input={"command": "env"}))
    assert done.returncode == 0
    assert json.loads(done.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny"


def test_broken_input_and_unknown_clients_are_refused() -> None:
    """Exit 2 with an empty stdout."""
    for arguments in (["claude-code"], ["someone-else"], []):
        done = run(arguments, b"{")
        assert (done.returncode, done.stdout) == (2, b"")
