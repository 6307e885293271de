"""What was killed by Vault alone, from its file into the record."""

from __future__ import annotations

import dataclasses
import os
import threading
from pathlib import Path

import pytest

from broker import kill_file, recover
from broker.emergency import Killed
from broker.errors import RecordFailed
from broker.service import Broker
from broker.store.rows import find_task
from broker.task import Task, TaskState
from broker.testing import FaultyDatabase, ManualClock, MemorySource, memory_broker, task_policy
from tests.broker.scenario import DB, active_task, issue, recorded


class World:
    """A broker whose folder of orders is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder / "keys" / "kills")
        os.makedirs(folder / "keys", 0o700)
        self.clock, self.source = ManualClock(), MemorySource()
        self.database = FaultyDatabase(memory_broker(str(folder / "s"), {}, {}).database.engine)
        made = memory_broker(
            "", {"work": task_policy(DB)}, {"memory": self.source}, clock=self.clock, database=self.database
        )
        self.broker: Broker = dataclasses.replace(made, kills=self.folder)

    def order(self, scope: str, *, done: bool = True) -> str:
        """An order that was given now and, where `done`, carried out."""
        path, order = kill_file.ordered(self.folder, scope, "uid 0", "stolen", self.clock())
        if done:
            kill_file.finished(path, order, Killed(("t",), 3, 1, 0, "one is left"))
        return path

    def state(self, task: Task) -> TaskState:
        with self.broker.database.read() as tx:
            return find_task(tx, task.id).state


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A fresh one."""
    return World(tmp_path)


def test_an_order_means_what_was_there_when_it_was_given(world: World) -> None:
    """Older tasks are killed and their leases taken back; a task that was started since goes on; told once."""
    old = active_task(world.broker)
    issue(world.broker, old)
    path = world.order("all")
    world.clock.advance(5)
    new = active_task(world.broker)
    lease = issue(world.broker, new).lease.id
    assert kill_file.merge(world.broker) == 1
    assert (world.state(old), world.state(new), set(world.source.alive)) == (
        TaskState.KILLED,
        TaskState.ACTIVE,
        {lease},
    )
    told = recorded(world.broker, "broker:kill:merged")
    expected = {"scope": "all", "by": "uid 0", "reason": "stolen", "dead": 3, "left": 1}
    assert [{key: one[key] for key in expected} for one in told] == [expected]
    assert kill_file.merge(world.broker) == 0
    assert not os.path.exists(path)
    assert os.listdir(world.folder) == [os.path.basename(path).replace(".json", ".merged")]


def test_an_order_that_was_interrupted_is_carried_out(world: World) -> None:
    """The order is on the disk before the first token dies: what it meant happens, and that is said."""
    task = active_task(world.broker)
    world.order("all", done=False)
    kill_file.merge(world.broker)
    assert world.state(task) is TaskState.KILLED
    assert recorded(world.broker, "broker:kill:merged")[0]["interrupted"] is True


@pytest.mark.parametrize("scope", ["task:task-nope", "lease:lease-nope"])
def test_an_order_for_what_is_not_there_is_told_all_the_same(world: World, scope: str) -> None:
    """Nothing else is killed by it, and it does not come back."""
    task = active_task(world.broker)
    world.order(scope)
    assert kill_file.merge(world.broker) == 1
    assert kill_file.merge(world.broker) == 0
    assert world.state(task) is TaskState.ACTIVE
    assert recorded(world.broker, "broker:kill:merged")


def test_a_lease_alone_is_revoked_in_the_record(world: World) -> None:
    """Its task goes on."""
    task = active_task(world.broker)
    lease = issue(world.broker, task).lease.id
    world.order(f"lease:{lease}")
    kill_file.merge(world.broker)
    assert (world.state(task), world.source.alive) == (TaskState.ACTIVE, {})


def test_an_order_waits_for_a_store_that_is_down(world: World) -> None:
    """Nothing is forgotten."""
    task = active_task(world.broker)
    world.order("all")
    world.database.refuse_all = True
    with pytest.raises(RecordFailed):
        kill_file.merge(world.broker)
    assert len(kill_file.waiting(world.folder)) == 1
    world.database.refuse_all = False
    kill_file.merge(world.broker)
    assert world.state(task) is TaskState.KILLED


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b'{"scope":"all","by":"x","reason":"y","at":"1"}'])
def test_a_file_that_is_no_order_is_put_aside(world: World, content: bytes) -> None:
    """It kills nothing and does not hold up the next one."""
    good = world.order("task:task-nope")
    bad = Path(world.folder) / "0-first.json"
    bad.write_bytes(content)
    bad.chmod(0o600)
    open_to_all = Path(world.folder) / "1-open.json"
    open_to_all.write_bytes(Path(good).read_bytes())
    open_to_all.chmod(0o644)
    task = active_task(world.broker)
    assert kill_file.merge(world.broker) == 3
    assert sorted(name.rpartition(".")[2] for name in os.listdir(world.folder)) == ["broken", "broken", "merged"]
    assert world.state(task) is TaskState.ACTIVE


def test_a_broker_without_the_folder_has_no_orders(world: World) -> None:
    """The usual case, looked at every second."""
    assert kill_file.merge(world.broker) == 0
    assert kill_file.merge(dataclasses.replace(world.broker, kills="")) == 0


def test_a_running_broker_takes_an_order_in_by_itself(world: World) -> None:
    """Within a second, whatever else its recovery is doing."""
    task = active_task(world.broker)
    stop = threading.Event()
    thread = threading.Thread(target=recover.run, args=(world.broker, stop))
    thread.start()
    world.order("all")
    for _ in range(2000):
        if world.state(task) is TaskState.KILLED and not kill_file.waiting(world.folder):
            break
        stop.wait(0.01)
    stop.set()
    thread.join(30)
    assert world.state(task) is TaskState.KILLED
