"""Starting a look from a hook."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import pytest

from secretguard.worktree.start import TURN_END, Look, start

LOOK = Look("/p", TURN_END, "1", {"session_id": "s"})


def test_the_request_is_one_line_of_ascii() -> None:
    """Whatever a folder is called."""
    line = Look("/p\n\udcffé", TURN_END, "1", {"session_id": "s"}).line()
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["project"] == "/p\n\udcffé"


def test_a_new_session_with_a_few_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """An isolated interpreter, its streams on /dev/null, the environment picked by name."""
    seen: dict[str, Any] = {}

    def spawn(path: str, command: list[str], environment: dict[str, str], **options: object) -> int:
        seen.update(path=path, command=command, environment=environment, **options)
        return 1

    monkeypatch.setattr(os, "posix_spawn", spawn)
    monkeypatch.setenv("SOME_TOKEN", "of-the-person")
    assert start(LOOK)
    assert seen["command"][:3] == [sys.executable, "-I", "-S"]
    assert seen["command"][4] == LOOK.line()
    assert seen["setsid"] is True
    assert [action[1:3] for action in seen["file_actions"]] == [(0, os.devnull), (0, 1), (0, 2)]
    assert "SOME_TOKEN" not in seen["environment"]
    assert seen["environment"]["SECRETGUARD_HOME"] == os.environ["SECRETGUARD_HOME"]


@pytest.mark.parametrize("error", [OSError(11, "again"), NotImplementedError("setsid"), ValueError("NUL")])
def test_a_system_that_does_not_let_us(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Is an answer, not an error: the hook has done its own work."""

    def refuse(*_: object, **__: object) -> int:
        raise error

    monkeypatch.setattr(os, "posix_spawn", refuse)
    assert not start(LOOK)
