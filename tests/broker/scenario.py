"""One task's life against a broker in memory, and what must hold of store and source afterwards."""

from __future__ import annotations

import json

import sqlalchemy as sa

from broker import pipeline
from broker.approve.tickets import Waiting
from broker.authenticate.identity import Identity
from broker.errors import BrokerError
from broker.grant import Grant
from broker.pipeline import Issued
from broker.recover import PARENT_SETTLE_SECONDS, recover
from broker.service import Broker
from broker.store.tables import events, leases, tasks
from broker.task import Task
from broker.testing import ManualClock, MemorySource

ADA = Identity("jwt", "ada", "corp")
GRACE = Identity("jwt", "grace", "corp")
USER = Identity("unix", "1000")
THUMBPRINT = "t" * 43

DB = Grant("db", "memory", {"role": "readonly"}, ttl=300, max_leases=3)
"""A grant of the source double."""


def active_task(broker: Broker, caller: Identity = ADA, policy: str = "work") -> Task:
    """A started and activated task."""
    started = pipeline.start_task(broker, caller, policy, "a test", None)
    return pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)[0]


def issue(broker: Broker, task: Task, key: str = "key-0001", grant: str = "db") -> Issued:
    """One credential; fails the test when it has to wait for a person."""
    answer = pipeline.credentials(broker, task, grant, None, key)
    assert not isinstance(answer, Waiting)
    return answer


def recorded(broker: Broker, event: str = "") -> list[dict[str, object]]:
    """The records, oldest first; those of one event, or all."""
    query = sa.select(events.c.payload).order_by(events.c.seq)
    with broker.database.read() as tx:
        rows = tx.execute(query.where(events.c.event == event) if event else query).scalars().all()
    return [json.loads(row) for row in rows]


def settle(broker: Broker, clock: ManualClock, rounds: int = 8) -> None:
    """What the recovery thread does in the minutes after a start."""
    for _ in range(rounds):
        clock.advance(PARENT_SETTLE_SECONDS + 300)
        recover(broker)


def assert_nothing_lost(broker: Broker, source: MemorySource, released: list[str]) -> None:
    """No credential without a record made before it; none alive that no active task holds; none released unrecorded."""
    intended = {record["lease"] for record in recorded(broker, "broker:lease:intended")}
    issued = {record["lease"] for record in recorded(broker, "broker:lease:issued")}
    assert set(source.minted) <= intended
    assert set(released) <= issued
    assert set(source.alive) <= held(broker)


def held(broker: Broker) -> set[str]:
    """Leases that are rightly alive: issued, in an active task."""
    query = sa.select(leases.c.id).join(tasks, leases.c.task_id == tasks.c.id)
    query = query.where((leases.c.state == "issued") & (tasks.c.state == "active"))
    with broker.database.read() as tx:
        return set(tx.execute(query).scalars())


def attempt(action: object) -> BrokerError | None:
    """Call it; the broker's refusal instead of an exception."""
    try:
        action()  # type: ignore[operator]
    except BrokerError as error:
        return error
    return None
