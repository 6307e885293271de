"""Recovery: deadlines, tasks nobody activated, expired leases, the thread that does it."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
import sqlalchemy as sa

from broker import pipeline, recover
from broker.lease import Lease
from broker.receipt import Line
from broker.recover import SETTLE_SECONDS
from broker.service import Broker
from broker.store.tables import checkpoints, leases, proofs, tasks
from broker.task import TaskState
from broker.task_journal import StoredReplays
from broker.testing import CrashError, Fault, FaultyDatabase, ManualClock, MemorySource, memory_broker, task_policy
from tests.broker.scenario import ADA, DB, active_task, attempt, issue, recorded

Made = tuple[Broker, MemorySource, ManualClock]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A broker with one grant."""
    clock = ManualClock()
    source = MemorySource(clock=clock)
    return memory_broker(str(tmp_path / "s"), {"work": task_policy(DB)}, {"memory": source}, clock=clock), source, clock


def test_a_deadline_ends_the_task(made: Made) -> None:
    """Past its deadline a task is over and its credentials are dead, without anybody asking."""
    broker, source, clock = made
    task = active_task(broker)
    clock.advance(3500)
    issue(broker, task)
    clock.advance(100)
    assert recover.recover(broker).tasks_ended == 1
    assert source.alive == {}
    assert recorded(broker, "broker:task:ended")[0]["reason"] == "deadline"


def test_a_task_that_nobody_activates_ends(made: Made) -> None:
    """Its bootstrap is worthless after a minute, and so is the task."""
    broker, _, clock = made
    pipeline.start_task(broker, ADA, "work", "a test", None)
    assert recover.recover(broker).tasks_ended == 0
    clock.advance(60)
    assert recover.recover(broker).tasks_ended == 1


def test_a_mint_in_progress_is_left_alone(made: Made) -> None:
    """A young intent may still be answered; an old one is an interrupted one."""
    broker, source, clock = made
    task = active_task(broker)
    source.faults = [Fault.CRASH_AFTER]
    with pytest.raises(CrashError):
        issue(broker, task)
    assert recover.recover(broker).leases == 0
    assert len(source.alive) == 1
    clock.advance(SETTLE_SECONDS)
    assert recover.recover(broker).leases == 1
    assert source.alive == {}


def test_expired_leases_are_closed_and_free_their_place(made: Made) -> None:
    """An expired lease counts against no cap and is closed at the source and in the store."""
    broker, source, clock = made
    task = active_task(broker)
    for number in range(DB.max_leases):
        issue(broker, task, f"key-{number:04}")
    clock.advance(DB.ttl)
    assert issue(broker, task, "key-9999")
    recover.recover(broker)
    with broker.database.read() as tx:
        open_now = tx.execute(sa.select(leases.c.id).where(leases.c.state == "issued")).scalars().all()
    assert set(open_now) == set(source.alive)
    assert len(open_now) == 1


class Sweeper(MemorySource):
    """A source that looks for many at once; the first of them it cannot tell yet."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock=clock)
        self.sweeps: list[int] = []

    def recover_all(self, leases: Iterable[Lease]) -> dict[str, Line]:
        asked = list(leases)
        self.sweeps.append(len(asked))
        return {lease.id: self.recover(lease) for lease in (asked if len(self.sweeps) > 1 else asked[1:])}


def test_many_lost_replies_are_one_sweep(tmp_path: Path) -> None:
    """The source is asked once for all, twice where it fails; what it cannot tell yet is asked for again later."""
    clock = ManualClock()
    source = Sweeper(clock)
    grant = dataclasses.replace(DB, max_leases=9)
    broker = memory_broker(str(tmp_path / "s"), {"work": task_policy(grant)}, {"memory": source}, clock=clock)
    task = active_task(broker)
    for number in range(4):
        source.faults = [Fault.LOSE_REPLY]
        assert attempt(lambda key=f"key-{number:04}": issue(broker, task, key))
    recover.recover(broker)
    assert (source.sweeps, len(source.alive)) == ([4], 1)
    source.down = True
    clock.advance(10)
    recover.recover(broker)
    assert len(source.alive) == 1
    source.down = False
    clock.advance(20)
    recover.recover(broker)
    assert (source.sweeps, source.alive) == ([4, 1, 1, 1], {})


def test_used_proofs_are_forgotten_when_they_can_be_used_no_more(made: Made) -> None:
    """The replay table does not grow for ever."""
    broker, _, clock = made
    replays = StoredReplays(broker.database)
    assert replays.first_use("a", int(clock()) + 10)
    assert not replays.first_use("a", int(clock()) + 10)
    recover.recover(broker)
    assert not replays.first_use("a", int(clock()) + 10)
    clock.advance(11)
    recover.recover(broker)
    with broker.database.read() as tx:
        assert tx.execute(sa.select(proofs)).all() == []


def test_the_thread_survives_a_store_that_is_down(tmp_path: Path) -> None:
    """It goes on when the store works again, numbers the record, and stops when told."""
    database = FaultyDatabase(memory_broker(str(tmp_path / "s"), {}, {}).database.engine)
    broker = memory_broker("", {"work": task_policy(DB)}, {"memory": MemorySource()}, database=database)
    pipeline.start_task(broker, ADA, "work", "a test", None)
    database.refuse_all = True
    stop = threading.Event()
    thread = threading.Thread(target=recover.run, args=(broker, stop))
    thread.start()
    while database.writes < 3:
        stop.wait(0.01)
    database.refuse_all = False
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    with broker.database.read() as tx:
        assert tx.execute(sa.select(checkpoints.c.size)).scalars().all() == [1]
        assert tx.execute(sa.select(tasks.c.state)).scalar() == "created"


def test_a_wake_up_is_not_forgotten(tmp_path: Path) -> None:
    """A round that was woken and could not be done is done as soon as the store works again, not a minute later."""
    database = FaultyDatabase(memory_broker(str(tmp_path / "s"), {}, {}).database.engine)
    source = MemorySource()
    broker = memory_broker("", {"work": task_policy(DB)}, {"memory": source}, database=database)
    task = active_task(broker)
    issue(broker, task)
    stop = threading.Event()
    thread = threading.Thread(target=recover.run, args=(broker, stop))
    thread.start()
    while not _numbered(broker):
        stop.wait(0.01)
    broker.tasks.over(task.id, TaskState.ENDED, "test", "done")
    database.refuse_all = True
    broker.wake.set()
    before = database.writes
    while database.writes < before + 4:
        stop.wait(0.01)
    database.refuse_all = False
    for _ in range(3000):
        if source.alive:
            stop.wait(0.01)
    stop.set()
    thread.join(30)
    assert source.alive == {}


def _numbered(broker: Broker) -> bool:
    with broker.database.read() as tx:
        return bool(tx.execute(sa.select(checkpoints.c.size)).scalars().all())


def test_no_fault_ends_recovery(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a round or the numbering meets, the next one is run: a dead thread would let deadlines pass unseen."""
    broker, _, _ = made
    stop, rounds = threading.Event(), []
    active_task(broker)

    def failing(_broker: Broker) -> None:
        rounds.append(1)
        broker.wake.set()
        if len(rounds) == 3:
            stop.set()
        raise ZeroDivisionError

    monkeypatch.setattr(recover, "recover", failing)
    recover.run(broker, stop)
    assert len(rounds) == 3
    with broker.database.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(checkpoints)).scalar() == 1, "numbering went on"
