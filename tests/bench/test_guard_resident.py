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


def test_what_the_mod_adds_is_taken_pair_by_pair(capsys: pytest.CaptureFixture[str]) -> None:
    """A machine that slows down from pair to pair changes nothing; the spread is told."""
    pairs = [{"nothing": [drift, drift, drift], "mod": [drift + 5, drift + 6, drift + 90]} for drift in (20, 40, 80)]
    assert guard_resident.difference(pairs) == 6
    assert "3 pairs of sessions, the middle half 6.0 to 6.0" in capsys.readouterr().err


def test_there_is_no_figure_where_the_pairs_contradict_each_other() -> None:
    """Nor a negative one that the client's own gaps made."""
    pairs = [{"nothing": [30.0], "mod": [30.0 + over]} for over in (-21, -15, 9, 12)]
    with pytest.raises(guard_resident.Unclear, match="the middle half"):
        guard_resident.difference(pairs)
