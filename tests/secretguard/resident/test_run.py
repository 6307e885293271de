"""From the lock to the last connection."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from secretguard.resident import place, run
from tests.secretguard.resident.conftest import until


def another(path: str) -> None:
    """Put a file in the socket's place."""
    os.rename(path, path + "2")
    Path(path).write_text("")


def test_it_serves_until_nobody_needs_it() -> None:
    """Then socket and lock are free again."""
    seen: list[str] = []
    assert run.serve(0.2, seen.append) == "nobody needed it"
    assert seen == [place.socket_path()]
    assert not os.path.exists(seen[0])
    held = place.lock()
    assert held is not None
    os.close(held)


def test_where_another_serves_it_says_so() -> None:
    """And touches nothing of the other's."""
    held = place.lock()
    assert held is not None
    assert run.serve(0.2) == run.BUSY
    os.close(held)


def test_what_a_killed_one_left_is_taken_away() -> None:
    """A socket that nobody listens on, or whatever else lies there."""
    path = place.socket_path()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(path)
    assert run.serve(0.2) == "nobody needed it"


@pytest.mark.parametrize(
    ("change", "why"),
    [(os.unlink, "deleted"), (another, "another")],
)
def test_it_ends_where_its_socket_is_gone(change: Callable[[str], object], why: str) -> None:
    """Nobody could reach it any more; what lies in its place stays."""
    assert why in run.serve(0.3, change)
    until(lambda: (why == "another") == os.path.exists(place.socket_path()))
