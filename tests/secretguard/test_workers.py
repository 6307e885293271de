"""Work in several processes: everything that is said arrives, and a dead worker is never a result."""

from __future__ import annotations

import os
from contextlib import closing

import pytest

from secretguard.errors import GuardError
from secretguard.workers import Say, fan_out
from tests.processes import children


def test_everything_arrives() -> None:
    """Frames of any size from every worker, each worker's in its order."""

    def work(number: int, say: Say) -> None:
        for size in (1, 100_000, 3_000_000):
            say(bytes([number]) * size)

    frames = list(fan_out(3, work))
    assert sorted((frame[0], len(frame)) for frame in frames) == [
        (number, size) for number in range(3) for size in (1, 100_000, 3_000_000)
    ]
    for number in range(3):
        assert [len(frame) for frame in frames if frame[0] == number] == [1, 100_000, 3_000_000]


@pytest.mark.parametrize("status", [0, 1])
def test_a_worker_that_dies(status: int) -> None:
    """Its end without a last frame is an error, and the others are ended with it."""

    def work(number: int, say: Say) -> None:
        say(b"x")
        if number == 1:
            os._exit(status)
        say(b"y" * 50_000_000)

    before = children()
    with pytest.raises(GuardError, match="worker died"), closing(fan_out(3, work)) as frames:
        for _ in frames:
            pass
    assert children() == before


def test_closing_early_ends_the_workers() -> None:
    """Who stops listening leaves no process behind."""

    def work(_: int, say: Say) -> None:
        while True:
            say(b"x" * 1000)

    before = children()
    with closing(fan_out(2, work)) as frames:
        next(frames)
    assert children() == before


def test_an_exception_in_a_worker_is_its_death(capfd: pytest.CaptureFixture[str]) -> None:
    """A fault in the work is not an empty result."""

    def work(_: int, say: Say) -> None:
        raise ValueError

    with pytest.raises(GuardError, match="worker died"):
        list(fan_out(1, work))
    capfd.readouterr()
