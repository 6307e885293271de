"""What the store says at the moment of a scrape. Replicas over one store all tell the same: use max(), not sum().

Only what is open is counted, over indexes: a scrape costs the same after a year of records. A store that cannot be
read is `broker_store_up 0`, with the other gauges absent, and no failed scrape.
"""

from __future__ import annotations

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Gauge

from broker.approve.tickets import State
from broker.errors import RecordFailed
from broker.store.database import Database
from broker.store.log import newest_at
from broker.store.rows import OPEN_LEASES
from broker.store.tables import approvals, leases, tasks, unnumbered
from broker.task import TaskState

LIVING_TASKS = (TaskState.CREATED.value, TaskState.ACTIVE.value)
LEASE_STATES = tuple(state.value for state in OPEN_LEASES)


def gauges(database: Database) -> CollectorRegistry:
    """All of them, as they are now."""
    registry = CollectorRegistry()
    up = Gauge("broker_store_up", "Whether the store could be read (1) or not (0).", registry=registry)
    try:
        with database.read() as tx:
            _fill(registry, tx)
    except RecordFailed:
        registry = CollectorRegistry()  # half of the numbers would be read as all of them
        up = Gauge("broker_store_up", "Whether the store could be read (1) or not (0).", registry=registry)
        up.set(0)
    else:
        up.set(1)
    return registry


def _fill(registry: CollectorRegistry, tx: sa.Connection) -> None:
    _by_state(registry, tx, "broker_leases", "Leases that live or may live, by state.", leases, LEASE_STATES)
    _by_state(registry, tx, "broker_tasks", "Tasks that are not over, by state.", tasks, LIVING_TASKS)
    count = sa.select(sa.func.count())
    queued = leases.c.state.in_(LEASE_STATES) & (leases.c.revocation == "queued")
    waiting = approvals.c.state == State.WAITING.value
    for name, told, query in (
        ("broker_leases_queued", "Leases whose revocation did not work yet.", count.select_from(leases).where(queued)),
        ("broker_approvals_waiting", "Requests that wait for a person.", count.select_from(approvals).where(waiting)),
        ("broker_log_unnumbered_records", "Records without a number yet.", count.select_from(unnumbered)),
    ):
        Gauge(name, told, registry=registry).set(tx.execute(query).scalar_one())
    told = "When the newest checkpoint of the log was made (Unix time; 0: there is none)."
    Gauge("broker_log_checkpoint_timestamp_seconds", told, registry=registry).set(newest_at(tx))


def _by_state(
    registry: CollectorRegistry, tx: sa.Connection, name: str, told: str, table: sa.Table, states: tuple[str, ...]
) -> None:
    gauge = Gauge(name, told, ("state",), registry=registry)
    query = sa.select(table.c.state, sa.func.count()).where(table.c.state.in_(states)).group_by(table.c.state)
    found = {state: int(number) for state, number in tx.execute(query).all()}
    for state in states:
        gauge.labels(state).set(found.get(state, 0))
