"""A flood of refusals becomes a number: the record neither grows without end nor loses how many there were."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from broker import pipeline
from broker.errors import Conflict, Refused, Unauthenticated
from broker.grant import Grant
from broker.journal_heads import Head, known_heads, receive
from broker.log.refusals import EACH, SECONDS, admitted
from broker.recover import recover
from broker.service import Broker
from broker.store.database import Database, open_database
from broker.testing import ManualClock, MemorySource, memory_broker, task_policy
from tests.broker.scenario import ADA, active_task, recorded
from tests.broker.stores import KINDS, fresh_url


@pytest.fixture
def clock() -> ManualClock:
    """The time of the broker below."""
    return ManualClock()


@pytest.fixture
def broker(tmp_path: Path, clock: ManualClock) -> Broker:
    """A broker with one grant."""
    grant = Grant("db", "memory", {}, ttl=300)
    return memory_broker(str(tmp_path / "s"), {"work": task_policy(grant)}, {"memory": MemorySource()}, clock=clock)


def flood(broker: Broker, count: int) -> None:
    """Ask for a task of a policy that is not there."""
    for _ in range(count):
        with pytest.raises(Refused):
            pipeline.start_task(broker, ADA, "none", "x", None)


def test_a_flood_is_counted_and_its_beginning_recorded(broker: Broker, clock: ManualClock) -> None:
    """Twenty rows, and one that says how many more there were."""
    flood(broker, EACH + 37)
    assert len(recorded(broker, "broker:task:refused")) == EACH
    recover(broker)
    assert recorded(broker, "broker:refusals:counted") == []
    clock.advance(SECONDS)
    recover(broker)
    (told,) = recorded(broker, "broker:refusals:counted")
    assert (told["caller"], told["recorded"], told["more"]) == (ADA.id, EACH, 37)
    recover(broker)
    assert len(recorded(broker, "broker:refusals:counted")) == 1


def test_the_next_minute_is_recorded_again(broker: Broker, clock: ManualClock) -> None:
    """Also where no recovery came in between: the count of the minute before is told first."""
    flood(broker, EACH + 1)
    clock.advance(SECONDS)
    flood(broker, 1)
    assert [record["event"] for record in recorded(broker)][-2:] == ["broker:refusals:counted", "broker:task:refused"]


def test_few_refusals_leave_no_count(broker: Broker, clock: ManualClock) -> None:
    """What has a row each needs no number."""
    flood(broker, EACH)
    clock.advance(SECONDS)
    recover(broker)
    assert recorded(broker, "broker:refusals:counted") == []


def test_the_flood_of_one_task_hides_no_other(broker: Broker) -> None:
    """Each caller has a minute of its own; a task's count is filed under the task."""
    noisy, quiet = active_task(broker), active_task(broker)
    for task in [*[noisy] * (EACH + 5), quiet]:
        with pytest.raises(Refused):
            pipeline.credentials(broker, task, "none", None, "key-0001")
    refused = [record["task"] for record in recorded(broker, "broker:lease:refused")]
    assert (refused.count(noisy.id), refused.count(quiet.id)) == (EACH, 1)


def test_a_clock_set_back_opens_a_new_minute(broker: Broker, clock: ManualClock) -> None:
    """It must not silence a caller until the old time comes again."""
    flood(broker, EACH + 1)
    clock.advance(-10_000)
    flood(broker, 1)
    assert len(recorded(broker, "broker:task:refused")) == EACH + 1


def test_a_flood_of_heads_keeps_the_last(tmp_path: Path, broker: Broker, clock: ManualClock) -> None:
    """A head a millisecond is no row a millisecond, and a contradiction is refused all the same."""
    for seq in range(1, 3 * EACH):
        receive(broker.database, clock, ADA.id, "laptop", Head("a" * 64, seq, "b" * 64))
    assert known_heads(broker.database, int(clock()))[0]["seq"] == 3 * EACH - 1
    assert len(recorded(broker, "journal:head:received")) == EACH
    for _ in range(3):
        with pytest.raises(Conflict):
            receive(broker.database, clock, ADA.id, "laptop", Head("a" * 64, 1, "b" * 64))
    assert known_heads(broker.database, int(clock()))[0]["conflicts"] == 3


def test_a_bootstrap_that_comes_too_late_is_counted_too(broker: Broker, clock: ManualClock) -> None:
    """Whoever holds the right value of a task that is over could present it without end."""
    started = pipeline.start_task(broker, ADA, "work", "x", None)
    clock.advance(120)
    for _ in range(EACH + 3):
        with pytest.raises(Unauthenticated):
            pipeline.activate(broker, started.task.id, started.bootstrap, "t" * 43)
    assert len(recorded(broker, "broker:bootstrap:refused")) == EACH


@pytest.mark.parametrize("kind", KINDS)
def test_refusals_at_once_are_counted_once_each(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Sixteen threads of one new caller: every one is counted, and no more than the allowed are recorded."""
    database: Database = open_database(fresh_url(kind, tmp_path, request))
    yes: list[bool] = []

    def refuse() -> None:
        for _ in range(4):
            with database.write() as tx:
                yes.append(admitted(tx, "unix:1", 1000.0))

    threads = [threading.Thread(target=refuse) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(yes), sum(yes)) == (64, EACH)
    database.close()
