"""The loop: nothing is passed over, the cursor never runs ahead, waits grow and end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretguard.audit.journal import Journal
from secretguard.audit.ship import cursor as cursors
from secretguard.audit.ship.batch import Batch
from secretguard.audit.ship.cursor import Cursor
from secretguard.audit.ship.journal import JournalSource
from secretguard.audit.ship.loop import LONGEST_WAIT, POLL, pause_before, ship
from secretguard.audit.ship.sink import NotTaken
from secretguard.errors import ConfigError
from tests.secretguard.audit.journals import written


class Recorder:
    """A sink that keeps what it takes; `refuse` says how often it does not take the next batches."""

    def __init__(self, *refuse: NotTaken) -> None:
        self.refuse = list(refuse)
        self.numbers: list[int] = []

    def send(self, batch: Batch, cursor: Cursor) -> tuple[int, int]:
        """Take it, or not."""
        if self.refuse:
            raise self.refuse.pop(0)
        self.numbers += [event.number for event in batch.events]
        return 0, 0


class Enough(Exception):
    """Ends a loop that follows."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eleven records."""
    return written(tmp_path / "audit", 10)


def test_each_batch_moves_the_cursor_after_it_was_taken(folder: Path, tmp_path: Path) -> None:
    """While a batch is under way the cursor is still before it."""
    path = str(tmp_path / "cursor")
    seen = []

    class Watching(Recorder):
        def send(self, batch: Batch, cursor: Cursor) -> tuple[int, int]:
            seen.append(cursors.load(path).number)
            return super().send(batch, cursor)

    sink = Watching()
    assert ship(JournalSource(str(folder)), sink, path, limit=4).records == 11
    assert seen == [0, 4, 8]
    assert sink.numbers == list(range(1, 12))
    assert cursors.load(path).number == 11


def test_what_is_not_taken_is_sent_again_and_said(folder: Path) -> None:
    """Later each time, and until it is taken; the operator hears of both."""
    said: list[str] = []
    waits: list[float] = []
    sink = Recorder(NotTaken("down"), NotTaken("down"), NotTaken("busy", wait=42))
    ship(JournalSource(str(folder)), sink, say=said.append, sleep=waits.append)
    assert sink.numbers == list(range(1, 12))
    assert [text.partition(";")[0] for text in said] == ["down", "down", "busy", "the receiver takes records again"]
    assert waits[2] == 42


def test_one_run_gives_up_and_leaves_the_cursor(folder: Path, tmp_path: Path) -> None:
    """After some attempts, or at once when only a person can help; the next run begins there."""
    path = tmp_path / "cursor"
    for sink, attempts in ((Recorder(*[NotTaken("down")] * 9), 3), (Recorder(NotTaken("no", lasting=True)), 1)):
        before = len(sink.refuse)
        with pytest.raises(NotTaken):
            ship(JournalSource(str(folder)), sink, str(path), tries=3, sleep=lambda seconds: None)
        assert before - len(sink.refuse) == attempts
        assert not path.exists()
    sink = Recorder()
    ship(JournalSource(str(folder)), sink, str(path))
    assert sink.numbers == list(range(1, 12))


def test_following_takes_what_comes_and_never_gives_up(folder: Path) -> None:
    """New records at the next look; a refusal that only a person can lift is asked again at the longest wait."""
    waits: list[float] = []
    sink = Recorder(*[NotTaken("down")] * 40, NotTaken("no", lasting=True))

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if seconds == POLL and len(sink.numbers) > 11:
            raise Enough
        if seconds == POLL:
            Journal(str(folder)).append("guard:command:denied", {})

    with pytest.raises(Enough):
        ship(JournalSource(str(folder)), sink, follow=True, tries=1, sleep=sleep)
    assert sink.numbers == list(range(1, 13))
    assert waits[40] == LONGEST_WAIT
    assert all(0 < wait <= LONGEST_WAIT for wait in waits)


def test_waits_grow_to_a_limit_and_differ() -> None:
    """Doubled, shortened at random, never beyond the longest, never below what the receiver asked for."""
    random.seed(7)
    down = NotTaken("down")
    for attempt in range(1, 60):
        grown = min(LONGEST_WAIT, 0.5 * 2.0**attempt)
        assert grown / 2 <= pause_before(attempt, down) <= grown
    assert len({pause_before(5, down) for _ in range(20)}) > 10
    assert pause_before(1, NotTaken("busy", wait=30)) == 30
    assert pause_before(1, NotTaken("busy", wait=1e9)) == LONGEST_WAIT


def test_lost_records_are_said(folder: Path) -> None:
    """And counted, apart from those that were sent."""

    class Pruned:
        def batches(self, cursor: Cursor, limit: int) -> Iterator[Batch]:
            (batch,) = JournalSource(str(folder)).batches(cursor, limit)
            yield Batch(batch.events, batch.cursor, lost=3)

    said: list[str] = []
    done = ship(Pruned(), Recorder(), say=said.append)
    assert (done.records, done.lost) == (11, 3)
    assert said[0].startswith("3 records were pruned")


def test_a_cursor_that_cannot_be_written_ends_it(folder: Path, tmp_path: Path) -> None:
    """Said, with what follows: it would otherwise send everything again and again, unseen."""
    path = tmp_path / "cursor"
    (tmp_path / "cursor.new").mkdir()
    sink = Recorder()
    with pytest.raises(ConfigError, match="comes again"):
        ship(JournalSource(str(folder)), sink, str(path), limit=4)
    assert sink.numbers == [1, 2, 3, 4]


def test_two_runs_do_not_share_a_cursor(folder: Path, tmp_path: Path) -> None:
    """The second one ends at once and says so."""
    path = str(tmp_path / "cursor")

    class Nested(Recorder):
        def send(self, batch: Batch, cursor: Cursor) -> tuple[int, int]:
            with pytest.raises(ConfigError, match="another export"):
                ship(JournalSource(str(folder)), Recorder(), path)
            return super().send(batch, cursor)

    assert ship(JournalSource(str(folder)), Nested(), path).records == 11
