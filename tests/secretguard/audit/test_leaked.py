"""Telling the broker that a secret got out: by digest, bounded, and without a word where it does not work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretguard.audit.handover import Handed
from secretguard.audit.leaked import MOST, SHORTEST, report
from tests.secretguard.audit.test_handover import TaskSocket


@pytest.fixture
def served(tmp_path: Path) -> Iterator[TaskSocket]:
    """A task socket that takes reports."""
    made = TaskSocket(tmp_path / "task.sock")
    yield made
    made.close()


def test_each_value_once_by_its_digest(served: TaskSocket) -> None:
    """The digest is that of the value without white space, as the broker makes it; the value itself is never sent."""
    value = b"made-up-value-of-a-credential"
    assert report(served.path, [value, b" " + value + b"\n"], "a place") == Handed(1, 0)
    assert served.exposed == [{"fingerprint": hashlib.sha256(value).hexdigest(), "where": "a place"}]


def test_short_values_are_not_told_and_many_are_not_sent(served: TaskSocket) -> None:
    """A short value could be guessed from its digest; a flood of findings is a few reports."""
    assert report(served.path, [b"x" * (SHORTEST - 1)], "a place") == Handed(0, 0)
    report(served.path, [b"made-up-value-%03d" % number for number in range(50)], "a place")
    assert len(served.exposed) == MOST


def test_nobody_there_is_no_error(tmp_path: Path) -> None:
    """What could not be told is counted, with why."""
    done = report(str(tmp_path / "none.sock"), [b"made-up-value-of-a-credential"], "a place")
    assert (done.count, done.left) == (0, 1)
    assert "did not answer" in done.why
