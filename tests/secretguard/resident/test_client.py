"""Speaking to it: an answer in time, or none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from secretguard.resident import client
from secretguard.resident.client import Unanswered, ask
from tests.secretguard.resident.conftest import Loop


def test_an_answer(loop: Callable[..., Loop]) -> None:
    """Status and object."""
    one = loop(lambda head, body: (200, b'{"a":1}'))
    assert ask(one.path, "GET", "/status") == (200, {"a": 1})


@pytest.mark.parametrize("body", [b"[]", b"", b"{", b"\xff"])
def test_another_form_is_none(loop: Callable[..., Loop], body: bytes) -> None:
    """Not an error of another kind."""
    one = loop(lambda head, _: (200, body))
    with pytest.raises(Unanswered):
        ask(one.path, "GET", "/status")


def test_nobody_there(tmp_path: Path) -> None:
    """No socket, or one without a process."""
    with pytest.raises(Unanswered):
        ask(str(tmp_path / "none"), "GET", "/status")


def test_a_process_that_does_not_answer(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Its time is up."""
    path = str(tmp_path_factory.mktemp("s") / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen(1)
        with pytest.raises(Unanswered):
            ask(path, "GET", "/status", seconds=0.2)


def test_another_users_process(loop: Callable[..., Loop], monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told nothing."""
    seen = threading.Event()

    def answer(head: object, body: bytes) -> tuple[int, bytes]:
        seen.set()
        return 200, b"{}"

    one = loop(answer)
    monkeypatch.setattr(client, "peer", lambda sock: (1, 12345, 1))
    with pytest.raises(Unanswered, match="another user"):
        ask(one.path, "GET", "/status")
    assert not seen.is_set()
