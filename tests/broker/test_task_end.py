"""The end of a task is the end of all below it: in the record, at the source, and in the receipt."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from broker import pipeline
from broker.errors import BrokerError, Conflict, Refused, SourceFailed, TooMany
from broker.heartbeat import DEAF_SECONDS, Listener
from broker.narrow import NarrowTask
from broker.receipt import Revocation
from broker.recover import recover
from broker.revoke import end_task, kill_scope
from broker.service import Broker
from broker.store.database import open_database
from broker.store.rows import find_task
from broker.store.tables import tasks
from broker.task import Task, TaskState
from broker.testing import ManualClock, MemoryParents, MemorySource, memory_broker, task_policy
from secretguard.secret import Secret
from tests.broker.scenario import ADA, DB, THUMBPRINT, active_task, assert_nothing_lost, issue, recorded
from tests.broker.stores import KINDS, fresh_url


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Broker, MemorySource, MemoryParents, ManualClock]:
    """A broker whose source hangs its leases below parents, on each kind of store."""
    clock, parents = ManualClock(), MemoryParents()
    source = MemorySource(needs_parent=True, clock=clock)
    database = open_database(fresh_url(request.param, tmp_path, request))
    policies = {"work": task_policy(dataclasses.replace(DB, max_leases=9))}
    made = memory_broker(str(tmp_path), policies, {"memory": source}, parents=parents, clock=clock, database=database)
    return made, source, parents, clock


def child_of(broker: Broker, above: Task, heartbeat: int = 0, narrow: NarrowTask | None = None) -> Task:
    """An activated sub-task."""
    started = pipeline.start_child(broker, above, "a part of it", narrow)
    return pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT, heartbeat)[0]


def state(broker: Broker, task: Task) -> TaskState:
    with broker.database.read() as tx:
        return find_task(tx, task.id).state


@pytest.mark.parametrize("how", [TaskState.ENDED, TaskState.KILLED])
def test_the_end_of_a_task_takes_everything_below_back(
    house: tuple[Broker, MemorySource, MemoryParents, ManualClock], how: TaskState
) -> None:
    """Three generations, one that nobody activated: all over, all revoked, every lease in the one receipt."""
    broker, source, parents, _ = house
    task = active_task(broker)
    child = child_of(broker, task)
    grandchild = child_of(broker, child)
    waiting = pipeline.start_child(broker, child, "not yet", None).task
    issued = [issue(broker, one, "key-0001").lease.id for one in (grandchild, child, task)]
    assert len(parents.alive) == 3
    receipt = end_task(broker, task.id, how, "ada", "done")
    assert {one.lease_id: one.revocation for one in receipt.lines} == dict.fromkeys(issued, Revocation.CONFIRMED)
    assert [state(broker, one) for one in (task, child, grandchild, waiting)] == [how] * 4
    assert (source.alive, parents.alive) == ({}, {})
    event = "broker:task:killed" if how is TaskState.KILLED else "broker:task:ended"
    reasons = {record["task"]: record["reason"] for record in recorded(broker, event)}
    assert reasons[task.id] == "done"
    assert reasons[grandchild.id] == "the task above it is over: done"
    assert_nothing_lost(broker, source, issued)


def test_the_end_of_a_sub_task_leaves_those_above_and_beside(
    house: tuple[Broker, MemorySource, MemoryParents, ManualClock],
) -> None:
    """One of two children ends with its own: the parent's and the sibling's credentials live."""
    broker, source, _, _ = house
    task = active_task(broker)
    child, sibling = child_of(broker, task), child_of(broker, task)
    grandchild = child_of(broker, child)
    leases = {one.id: issue(broker, one, "key-0001").lease.id for one in (task, child, sibling, grandchild)}
    receipt = end_task(broker, child.id, TaskState.ENDED, "ada", "done")
    assert {one.lease_id for one in receipt.lines} == {leases[child.id], leases[grandchild.id]}
    assert set(source.alive) == {leases[task.id], leases[sibling.id]}
    issue(broker, task, "key-0002")


def test_the_parents_of_sub_tasks_hang_below_each_other(
    house: tuple[Broker, MemorySource, MemoryParents, ManualClock],
) -> None:
    """A sub-task that is the first to need one has those above it made as well."""
    broker, _, parents, _ = house
    task = active_task(broker)
    grandchild = child_of(broker, child_of(broker, task))
    issue(broker, grandchild)
    names = list(parents.above)
    assert [parents.above[name] for name in names] == ["", names[0], names[1]]
    parents.close_parent(names[0])
    assert parents.alive == {}


def test_a_parent_that_was_replaced_takes_those_below_with_it(
    house: tuple[Broker, MemorySource, MemoryParents, ManualClock],
) -> None:
    """What recovery had to revoke is made anew at the next need, at every depth."""
    broker, _, parents, _ = house
    task = active_task(broker)
    child = child_of(broker, task)
    issue(broker, child, "key-0001")
    parents.close_parent("parent-1")
    broker.journal.replaced_parent(task.id, "a test")
    issue(broker, child, "key-0002")
    assert len(parents.alive) == 2


def test_nothing_is_issued_below_a_task_that_is_over(
    house: tuple[Broker, MemorySource, MemoryParents, ManualClock],
) -> None:
    """No sub-task of it, no activation, no credential."""
    broker, source, _, _ = house
    task = active_task(broker)
    child, waiting = child_of(broker, task), pipeline.start_child(broker, task, "late", None)
    end_task(broker, task.id, TaskState.ENDED, "ada", "done")
    for action in (
        lambda: issue(broker, child),
        lambda: pipeline.start_child(broker, task, "x", None),
        lambda: pipeline.start_child(broker, child, "x", None),
        lambda: pipeline.activate(broker, waiting.task.id, waiting.bootstrap, THUMBPRINT),
    ):
        with pytest.raises(Conflict):
            action()
    assert source.minted == []


def test_a_credential_made_while_a_task_above_ends_is_not_released(
    house: tuple[Broker, MemorySource, MemoryParents, ManualClock],
) -> None:
    """The end comes between intent and release."""
    broker, source, _, _ = house
    task = active_task(broker)
    child = child_of(broker, task)
    real = source.mint

    def slow(request: object) -> object:
        broker.tasks.over(task.id, TaskState.KILLED, "ada", "now")
        return real(request)  # type: ignore[arg-type]

    source.mint = slow  # type: ignore[assignment,method-assign]
    with pytest.raises(BrokerError):
        issue(broker, child)
    assert source.alive == {}
    assert recorded(broker, "broker:lease:issued") == []


def test_a_silent_task_takes_its_sub_tasks_along(
    house: tuple[Broker, MemorySource, MemoryParents, ManualClock],
) -> None:
    """And a sub-task may be silent for no longer than the task above it."""
    broker, _, _, clock = house
    started = pipeline.start_task(broker, ADA, "work", "a test", None)
    listener = Listener(broker.database, clock, broker.wake)
    task, _ = pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT, 10)
    child, longer = child_of(broker, task), child_of(broker, task, 300)
    assert (child.heartbeat, longer.heartbeat) == (10, 10)
    for _ in range(15 // DEAF_SECONDS + 1):
        clock.advance(DEAF_SECONDS)
        listener.look()
    assert state(broker, child) is state(broker, task) is TaskState.ENDED


def test_theft_of_a_task_kills_those_below(house: tuple[Broker, MemorySource, MemoryParents, ManualClock]) -> None:
    """The bootstrap of the task above comes again with another key."""
    broker, _, _, _ = house
    started = pipeline.start_task(broker, ADA, "work", "a test", None)
    task, _ = pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)
    child = child_of(broker, task)
    with pytest.raises(Conflict):
        pipeline.activate(broker, task.id, Secret(started.bootstrap.reveal()), "x" * 43)
    assert state(broker, child) is TaskState.KILLED


def test_sub_tasks_that_ask_while_the_family_ends(
    house: tuple[Broker, MemorySource, MemoryParents, ManualClock],
) -> None:
    """Six of them at two depths ask, and make more of them, as hard as they can: nobody waits for ever, and nothing
    lives on."""
    broker, source, parents, _ = house
    task = active_task(broker)
    family = [child_of(broker, task) for _ in range(3)]
    family += [child_of(broker, one) for one in family]
    wrong: list[BrokerError] = []

    def ask(member: Task) -> None:
        for turn in range(6):
            try:
                issue(broker, member, f"key-{turn:04}")
                pipeline.start_child(broker, member, "more", None)
            except (Conflict, TooMany, Refused):
                pass
            except BrokerError as error:
                wrong.append(error)

    with ThreadPoolExecutor(len(family)) as pool:
        asking = [pool.submit(ask, member) for member in family]
        end_task(broker, task.id, TaskState.ENDED, "ada", "done")
        for one in asking:
            one.result(60)
    recover(broker)
    assert [error for error in wrong if not isinstance(error, SourceFailed)] == []
    assert (source.alive, parents.alive) == ({}, {})
    with broker.database.read() as tx:
        assert {row.state for row in tx.execute(sa.select(tasks.c.state))} == {TaskState.ENDED.value}


def test_every_record_of_a_task_names_its_policy(
    house: tuple[Broker, MemorySource, MemoryParents, ManualClock],
) -> None:
    """By the digest under which it was decided: from its beginning to the last lease that is taken back."""
    broker, _, _, _ = house
    task = active_task(broker)
    child = child_of(broker, task)
    issue(broker, child)
    end_task(broker, task.id, TaskState.ENDED, "ada", "done")
    found = recorded(broker)
    assert len({record["event"] for record in found if record["task"]}) >= 9
    for record in (one for one in found if one["task"]):
        assert record["policy_digest"] == task.policy_digest, record["event"]


def test_a_kill_of_many_names_each_task_once(house: tuple[Broker, MemorySource, MemoryParents, ManualClock]) -> None:
    """By policy, tasks and sub-tasks alike."""
    broker, source, _, _ = house
    task = active_task(broker)
    child = child_of(broker, task)
    issue(broker, child)
    receipts = kill_scope(broker, "policy:work", "ada", "now")
    assert {one.task_id for one in receipts} == {task.id, child.id}
    killed = [record["task"] for record in recorded(broker, "broker:task:killed")]
    assert sorted(map(str, killed)) == sorted([task.id, child.id])
    assert source.alive == {}
