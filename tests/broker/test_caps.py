"""Caps of a grant, alone and shared with sub-tasks; how many tasks and sub-tasks there may be."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broker import pipeline
from broker.authorise import MAX_DEPTH
from broker.caps import MINUTE
from broker.ceiling import Ceiling, Ceilings
from broker.errors import BrokerError, Refused, TooMany
from broker.grant import Grant
from broker.narrow import Narrow, NarrowTask
from broker.policy.in_force import Fixed
from broker.policy.policy_set import PolicySet
from broker.service import Broker
from broker.store.database import open_database
from broker.task import Task
from broker.testing import ManualClock, MemorySource, flat_policy, memory_broker, task_policy
from tests.broker.scenario import ADA, DB, THUMBPRINT, active_task, issue, recorded
from tests.broker.stores import KINDS, fresh_url


def made(tmp_path: Path, grant: Grant, clock: ManualClock | None = None, max_children: int = 20) -> Broker:
    """A broker with one task policy of one grant."""
    policy = dataclasses.replace(task_policy(grant), max_children=max_children)
    return memory_broker(str(tmp_path), {"work": policy}, {"memory": MemorySource(clock=clock)}, clock=clock)


def child_of(broker: Broker, above: Task, narrow: NarrowTask | None = None) -> Task:
    """An activated sub-task."""
    started = pipeline.start_child(broker, above, "a part of it", narrow)
    return pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)[0]


def refused(broker: Broker, task: Task, key: str) -> BrokerError:
    """Why there is no credential for it now."""
    with pytest.raises(BrokerError) as no:
        issue(broker, task, key)
    return no.value


def test_a_rate_is_what_any_minute_gives(tmp_path: Path) -> None:
    """Two a minute: the third waits for as long as it is told, and not a second less."""
    clock = ManualClock()
    broker = made(tmp_path, dataclasses.replace(DB, rate=2, max_leases=9), clock)
    task = active_task(broker)
    issue(broker, task, "key-0001")
    clock.advance(10)
    issue(broker, task, "key-0002")
    no = refused(broker, task, "key-0003")
    assert (no.rule, no.fix) == ("rate", f"ask again in {MINUTE - 10} s")
    clock.advance(MINUTE - 11)
    assert refused(broker, task, "key-0003").rule == "rate"
    clock.advance(1)
    issue(broker, task, "key-0003")


@pytest.mark.parametrize("cap", [{"max_leases": 2}, {"max_issues": 2}, {"rate": 2}])
def test_what_sub_tasks_use_is_used_up_above(tmp_path: Path, cap: dict[str, int]) -> None:
    """Two of a grant: one by the task, one by its sub-task, none for the sub-task's own nor for the task."""
    broker = made(tmp_path, dataclasses.replace(DB, **{"max_leases": 9, **cap}))  # type: ignore[arg-type]
    task = active_task(broker)
    child = child_of(broker, task)
    grandchild = child_of(broker, child)
    issue(broker, task, "key-0001")
    issue(broker, grandchild, "key-0002")
    for one in (task, child, grandchild):
        no = refused(broker, one, "key-0003")
        assert (type(no), no.rule) == (TooMany, next(iter(cap)).replace("_", "-"))


def test_a_sub_tasks_own_cap_leaves_room_beside_it(tmp_path: Path) -> None:
    """One narrowed to a single lease has one; the task above has the rest, and a request's own limit binds it alone."""
    broker = made(tmp_path, dataclasses.replace(DB, max_leases=3))
    task = active_task(broker)
    child = child_of(broker, task, NarrowTask(grants={"db": Narrow(max_leases=1)}))
    issue(broker, task, "key-0001")
    issue(broker, child, "key-0001")
    assert "db: 1 of 1 leases" in refused(broker, child, "key-0002").message
    other = child_of(broker, task)
    assert pipeline.credentials(broker, other, "db", Narrow(max_leases=1), "key-0001")
    assert f"of {task.id}, with its sub-tasks" in refused(broker, other, "key-0002").message


def test_sub_tasks_are_counted_over_the_whole_life_of_the_topmost(tmp_path: Path) -> None:
    """Two in all: a child and its child; ending one makes no room."""
    broker = made(tmp_path, DB, max_children=2)
    task = active_task(broker)
    child = child_of(broker, task)
    child_of(broker, child)
    broker.tasks.over(child.id, type(task.state).ENDED, "ada", "done")
    with pytest.raises(TooMany) as no:
        pipeline.start_child(broker, task, "one more", None)
    assert no.value.rule == "max-children"
    assert recorded(broker, "broker:task:refused")[-1]["rule"] == "max-children"


def test_sub_tasks_go_so_deep_and_no_deeper(tmp_path: Path) -> None:
    """The last one may have none."""
    broker = made(tmp_path, DB)
    task = active_task(broker)
    for depth in range(1, MAX_DEPTH + 1):
        task = child_of(broker, task)
        assert task.depth == depth
    with pytest.raises(Refused) as no:
        pipeline.start_child(broker, task, "one more", None)
    assert no.value.rule == "depth"


def test_a_launcher_has_as_many_tasks_at_once_as_their_ceiling_says(tmp_path: Path) -> None:
    """Sub-tasks do not count, tasks that are over neither."""
    broker = made(tmp_path, DB)
    ceilings = Ceilings({"all": Ceiling(("jwt:*",), "production", "customer", max_tasks=2, names=("all",))}, "d")
    held = PolicySet("", flat_policy(), {"work": task_policy(DB)}, ceilings)
    broker = dataclasses.replace(broker, policies=Fixed(held))
    first = active_task(broker)
    child_of(broker, first)
    active_task(broker)
    with pytest.raises(TooMany) as no:
        active_task(broker)
    assert no.value.rule == "max-tasks"
    broker.tasks.over(first.id, type(first.state).ENDED, ADA.id, "done")
    assert active_task(broker).ceilings == ("all",)


@pytest.mark.parametrize("kind", KINDS)
def test_a_launcher_that_starts_many_at_once_has_no_more(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Eight starts side by side where two tasks may live: two of them."""
    database = open_database(fresh_url(kind, tmp_path, request))
    broker = memory_broker(str(tmp_path), {}, {"memory": MemorySource()}, database=database)
    ceilings = Ceilings({"all": Ceiling(("jwt:*",), "production", "customer", max_tasks=2, names=("all",))}, "d")
    held = PolicySet("", flat_policy(), {"work": task_policy(DB)}, ceilings)
    broker = dataclasses.replace(broker, policies=Fixed(held))

    def start(_: int) -> bool:
        try:
            pipeline.start_task(broker, ADA, "work", "a test", None)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, range(8))) == 2
