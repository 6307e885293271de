"""The bench of the resident process: what it counts as an answer, and what it does not."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest

from bench import guard, guard_resident


def test_every_answer_is_counted_once(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small run of the real thing."""
    monkeypatch.setattr(guard_resident, "ONE_BY_ONE", 3)
    monkeypatch.setattr(guard_resident, "AT_ONCE", 20)
    monkeypatch.setattr(guard_resident, "ROUNDS", 2)
    alone, many, sent = guard_resident.served(guard.read_event())
    assert (len(alone), len(many), sent) == (3, 40, 40)


def test_an_answer_that_did_not_do_its_work_is_lost(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One with the secret in it, or none at all."""
    path = str(tmp_path_factory.mktemp("s") / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen(2)

        def answer() -> None:
            for said in (b"ghp_ [[secret:", b""):
                sock, _ = listener.accept()
                sock.recv(1 << 20)
                sock.sendall(said)
                sock.close()

        thread = threading.Thread(target=answer)
        thread.start()
        assert guard_resident._together(path, b"{}", 2) == []
        thread.join(10)


def test_the_mod_that_does_nothing_is_one(tmp_path: Path) -> None:
    """It handles what the mod handles."""
    guard_resident._do_nothing(tmp_path)
    assert json.loads((tmp_path / "hooks" / "hooks.json").read_text()) == {"modules": ["./register.js"]}
    for event in ("tool.call", "prompt.mention", "prompt.context", "http.fetch"):
        assert f'"{event}"' in (tmp_path / "hooks" / "register.js").read_text()
