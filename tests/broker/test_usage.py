"""What was granted and what was used of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import sqlalchemy as sa

from broker.revoke import end_task, revoke_lease
from broker.store.tables import events
from broker.task import TaskState
from broker.testing import Fault, ManualClock, MemorySource, memory_broker, task_policy
from broker.usage import UsedLease, UsedTask, of_policy, of_task, usage
from tests.broker.scenario import DB, USER, active_task, attempt, issue

SPARE = dataclasses.replace(DB, name="spare", ttl=900)


def task(name: str, leases: tuple[UsedLease, ...], family: str = "") -> UsedTask:
    return UsedTask(name, family or name, "unix:1", 0, 3600, 100.0, (DB,), leases, {})


def test_a_tasks_use_from_the_record(tmp_path: Path) -> None:
    """How long credentials lived until they were taken back, how many, refusals; what was never asked for."""
    clock = ManualClock()
    source = MemorySource(clock=clock)
    broker = memory_broker(str(tmp_path), {"work": task_policy(DB, SPARE)}, {"memory": source}, clock=clock)
    one = active_task(broker)
    first = issue(broker, one)
    clock.advance(20)
    issue(broker, one, "key-0002")
    revoke_lease(broker, first.lease.id)
    clock.advance(20.5)
    source.faults = [Fault.REFUSE]
    assert attempt(lambda: issue(broker, one, "key-0003")) is not None
    assert attempt(lambda: issue(broker, one, "key-0004", "nothing")) is not None
    end_task(broker, one.id, TaskState.ENDED, "test", "done")
    told = usage(of_task(broker.database, one.id, clock()))
    assert (told.tasks, told.longest_task, told.granted_deadline, told.unused) == (1, 41, 3600, ("spare",))
    [db] = [grant for grant in told.grants if grant.name == "db"]
    assert (db.issues, db.longest_life, db.granted_ttl, db.most_at_once, db.granted_leases) == (2, 21, 300, 2, 3)
    assert (db.most_issues, db.most_in_a_minute, db.held_by, db.asked_by, db.refused) == (2, 2, 1, 1, 0)
    assert broker.policies.current().tasks["work"]


def test_a_policys_use_is_the_most_of_any_task(tmp_path: Path) -> None:
    """All tasks since a time, of this policy alone; who started them."""
    clock = ManualClock()
    policies = {name: task_policy(DB, name=name) for name in ("work", "other")}
    broker = memory_broker(str(tmp_path), policies, {"memory": MemorySource(clock=clock)}, clock=clock)
    issue(broker, active_task(broker))
    clock.advance(1000)
    since = int(clock())
    late, other = active_task(broker, USER), active_task(broker, policy="other")
    issue(broker, late), issue(broker, late, "key-0002"), issue(broker, other)
    found, cut = of_policy(broker.database, "work", since, clock())
    told = usage(found, cut)
    assert (told.tasks, told.launchers, told.grants[0].issues, told.cut) == (1, ("unix:1000",), 2, False)


def test_where_the_record_of_an_end_is_gone_it_was_used_to_the_end(tmp_path: Path) -> None:
    """After retention nobody knows how long a credential lived: the report says the most that it can have been."""
    clock = ManualClock()
    broker = memory_broker(str(tmp_path), {"work": task_policy(DB)}, {"memory": MemorySource(clock=clock)}, clock=clock)
    one = active_task(broker)
    revoke_lease(broker, issue(broker, one).lease.id)
    assert usage(of_task(broker.database, one.id, clock())).grants[0].longest_life == 1
    with broker.database.write() as tx:
        for trigger in tx.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            tx.execute(sa.text(f"DROP TRIGGER {trigger}"))
        tx.execute(events.delete())
    assert usage(of_task(broker.database, one.id, clock())).grants[0].longest_life == 300


def test_at_once_and_in_a_minute() -> None:
    """What began in the second in which another ended lived beside it; a minute includes both of its ends."""
    back_to_back = task("a", tuple(UsedLease("db", at, at + 300, at + 10) for at in (0, 10, 20)))
    [db] = usage([back_to_back]).grants
    assert (db.most_at_once, db.most_in_a_minute) == (2, 3)
    apart = task("b", tuple(UsedLease("db", at, at + 300, at + 5) for at in (0, 60, 121)))
    [db] = usage([apart]).grants
    assert (db.most_at_once, db.most_in_a_minute, db.most_issues) == (1, 2, 3)


def test_a_task_and_its_sub_tasks_are_counted_together() -> None:
    """A cap holds for all of them; two tasks that have nothing to do with each other do not add up."""
    taken = (UsedLease("db", 0, 300, 50.0),)
    [db] = usage([task("a", taken), task("b", taken, family="a"), task("c", taken)]).grants
    assert (db.most_at_once, db.most_issues, db.issues) == (2, 2, 3)
