"""Started when it is needed, one a user, and gone when it is to be."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from secretguard.errors import GuardError
from secretguard.resident import place, start
from secretguard.resident.client import Unanswered, ask
from tests.secretguard.guard.events import TOKEN, payload, records
from tests.secretguard.resident.conftest import kill, nobody_serves, process, until


def test_a_start_gives_a_socket_that_answers(served: str, tmp_path: Path) -> None:
    """0600; an event's secret does not come back, and the record is there before the answer."""
    assert stat.S_IMODE(os.stat(served).st_mode) == 0o600
    shown = {"stdout": f"TOKEN={TOKEN}", "stderr": "", "interrupted": False}
    event = payload("PostToolUse", tmp_path, tool_name="Bash", tool_input={"command": "x"}, tool_response=shown)
    status, said = ask(served, "POST", "/event", event, seconds=10)
    assert (status, said["status"]) == (200, 0)
    assert "[[secret:" in json.loads(str(said["stdout"]))["hookSpecificOutput"]["updatedToolOutput"]["stdout"]
    assert len(records("guard:read:redacted")) == 1


def test_eight_starts_at_once_give_one_process(warm: Path) -> None:
    """All of them the same."""
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(start.ensure())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    try:
        assert len(found) == 8
        assert len(set(found)) == 1
        assert place.lock() is None
    finally:
        until(nobody_serves)


def test_a_second_process_leaves_at_once(served: str, warm: Path) -> None:
    """The first one goes on."""
    before = start.state()
    assert process(warm).wait(10) == 0
    after = start.state()
    assert before is not None
    assert after is not None
    assert after["pid"] == before["pid"]


def test_a_killed_one_is_followed(served: str) -> None:
    """Its socket lies there and answers nobody; the next start takes its place."""
    first = start.state()
    assert first is not None
    kill(first["pid"])
    until(lambda: start.state() is None)
    assert os.path.exists(served)
    assert start.ensure() == served
    second = start.state()
    assert second is not None
    assert second["pid"] != first["pid"]


def test_one_of_another_program_is_ended(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that is of another program does not take it for its own."""
    first = start.state()
    assert first is not None
    with monkeypatch.context() as patch:
        patch.setattr(start, "own_stamp", lambda: "another")
        patch.setattr(start, "SECONDS", 0.5)
        patch.setattr(start, "_spawn", lambda: None)
        with pytest.raises(GuardError, match="did not start"):
            start.ensure()
    assert start.state() is None


def test_a_stop_leaves_nothing(served: str) -> None:
    """No socket, no process, no lock."""
    assert start.stop()
    until(lambda: not os.path.exists(served))
    until(lambda: (fd := place.lock()) is not None and os.close(fd) is None)
    assert start.state() is None
    assert not start.stop()


def test_one_whose_socket_is_deleted_ends(served: str) -> None:
    """Nobody could reach it any more."""
    os.unlink(served)
    with pytest.raises(Unanswered):
        ask(served, "GET", "/status")
