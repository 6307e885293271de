"""Kill or fail the broker at every single step of a task's life: nothing unrecorded, no orphan after recovery."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from broker import pipeline
from broker.errors import BrokerError
from broker.revoke import end_task
from broker.service import Broker
from broker.store.database import open_database
from broker.task import TaskState
from broker.testing import (
    CrashError,
    Fault,
    FaultyDatabase,
    ManualClock,
    MemoryParents,
    MemorySource,
    memory_broker,
    task_policy,
)
from tests.broker.scenario import ADA, DB, THUMBPRINT, assert_nothing_lost, recorded, settle

STEPS = 14
"""More than the writes that one life takes, so that the last of them happen without a fault."""


class World:
    """A broker that can die and start again, and an outside world that stays."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/store/broker.db"
        self.clock = ManualClock()
        self.source = MemorySource(needs_parent=True)
        self.parents = MemoryParents()
        self.released: list[str] = []
        self.database = FaultyDatabase(open_database(self.url).engine)
        self.broker = self._broker()

    def restart(self) -> None:
        self.database.close()
        self.database = FaultyDatabase(open_database(self.url).engine)
        self.broker = self._broker()

    def live(self) -> None:
        """Start, activate, two credentials, end."""
        started = pipeline.start_task(self.broker, ADA, "work", "a test", None)
        task, _ = pipeline.activate(self.broker, started.task.id, started.bootstrap, THUMBPRINT)
        for key in ("key-0001", "key-0002"):
            answer = pipeline.credentials(self.broker, task, "db", None, key)
            assert isinstance(answer, pipeline.Issued)
            self.released.append(answer.lease.id)
        end_task(self.broker, task.id, TaskState.ENDED, "test", "done")

    def _broker(self) -> Broker:
        return memory_broker(
            "",
            {"work": task_policy(DB)},
            {"memory": self.source},
            parents=self.parents,
            clock=self.clock,
            database=self.database,
        )


@pytest.mark.parametrize("how", ["refuse", "crash", "crash_after"])
@pytest.mark.parametrize("step", range(STEPS))
def test_a_fault_at_any_write_loses_nothing(tmp_path: Path, step: int, how: str) -> None:
    """Whichever write fails or is the last before a kill, every credential has a record and none outlives its task."""
    world = World(tmp_path)
    world.database.fail_at, world.database.how = step, how
    with contextlib.suppress(CrashError, BrokerError):
        world.live()
    hit = world.database.writes > step
    world.restart()
    assert_intended_first(world)
    world.clock.advance(4000)  # past the task's deadline, whatever became of its end
    settle(world.broker, world.clock)
    assert_nothing_lost(world.broker, world.source, world.released)
    assert world.source.alive == {}
    assert world.parents.alive == {}
    assert hit == (step < 11), "the number of writes in a life changed: see that STEPS still covers all of them"
    world.database.close()


@pytest.mark.parametrize("fault", list(Fault))
def test_a_fault_of_the_source_loses_nothing(tmp_path: Path, fault: Fault) -> None:
    """A refused, lost, half-done or fatal mint is found by its intent and revoked, while the task goes on."""
    world = World(tmp_path)
    world.source.faults = [fault]
    with contextlib.suppress(CrashError, BrokerError):
        world.live()
    world.restart()
    settle(world.broker, world.clock, rounds=1)
    assert_nothing_lost(world.broker, world.source, world.released)
    settle(world.broker, world.clock)
    assert world.source.alive == {}
    world.database.close()


def test_a_lost_parent_is_found_and_the_task_can_go_on(tmp_path: Path) -> None:
    """The answer to making the parent is lost: nothing is issued below it, and it is revoked by its task's id, by the
    request itself or, where that cannot be, by recovery."""
    world = World(tmp_path)
    world.parents.lose_reply = True
    with pytest.raises(BrokerError):
        world.live()
    assert world.parents.alive == {}
    world.parents.lose_reply = world.parents.down = True
    with pytest.raises(BrokerError):
        world.live()
    assert len(world.parents.alive) == 1
    world.parents.down = False
    settle(world.broker, world.clock, rounds=1)
    assert world.parents.alive == {}
    world.live()
    assert len(world.released) == 2
    assert world.parents.alive == {}
    world.database.close()


def test_a_full_disk_stops_issuing_but_not_revoking(tmp_path: Path) -> None:
    """With a store that refuses every write nothing is issued, and a kill still takes back what is out there."""
    world = World(tmp_path)
    started = pipeline.start_task(world.broker, ADA, "work", "a test", None)
    task, _ = pipeline.activate(world.broker, started.task.id, started.bootstrap, THUMBPRINT)
    pipeline.credentials(world.broker, task, "db", None, "key-0001")
    world.database.refuse_all = True
    with pytest.raises(BrokerError):
        pipeline.credentials(world.broker, task, "db", None, "key-0002")
    assert len(world.source.minted) == 1
    receipt = end_task(world.broker, task.id, TaskState.KILLED, "test", "disk full")
    assert world.source.alive == {}
    assert not receipt.complete, "the end is not on record, so the receipt must not claim that all is done"
    world.database.refuse_all = False
    assert end_task(world.broker, task.id, TaskState.KILLED, "test", "again").complete
    world.database.close()


def assert_intended_first(world: World) -> None:
    """Before any recovery: whatever was minted has its intent on record already."""
    assert set(world.source.minted) <= {record["lease"] for record in recorded(world.broker, "broker:lease:intended")}
