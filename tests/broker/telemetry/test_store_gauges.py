"""What the store says at a scrape."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from broker.revoke import end_task
from broker.store.log import sequence
from broker.store.tables import leases
from broker.task import TaskState
from broker.telemetry.store_gauges import LEASE_STATES, gauges
from broker.testing import ManualClock, MemorySource, memory_broker, task_policy
from tests.broker.scenario import DB, active_task, issue


def test_open_work_by_state(tmp_path: Path) -> None:
    """Counted while it is open and gone when it is over; every state is there, the empty ones too."""
    source, clock = MemorySource(), ManualClock()
    broker = memory_broker(str(tmp_path), {"work": task_policy(DB)}, {"memory": source}, clock=clock)
    task = active_task(broker)
    issue(broker, task)
    issue(broker, task, "key-0002")
    now = gauges(broker.database)
    value = now.get_sample_value
    assert value("broker_store_up") == 1
    assert {state: value("broker_leases", {"state": state}) for state in LEASE_STATES} == {
        "intended": 0, "minted": 0, "issued": 2, "uncertain": 0,
    }  # fmt: skip
    assert value("broker_tasks", {"state": "active"}) == 1
    assert value("broker_log_unnumbered_records") == 8
    assert value("broker_log_checkpoint_timestamp_seconds") == 0
    sequence(broker.database, broker.signer, clock)
    source.down = True
    end_task(broker, task.id, TaskState.ENDED, "test", "done")
    value = gauges(broker.database).get_sample_value
    assert value("broker_tasks", {"state": "active"}) == 0
    assert value("broker_leases_queued") == 2
    assert value("broker_log_checkpoint_timestamp_seconds") == clock()
    assert value("broker_log_unnumbered_records") == 3


def test_a_scrape_reads_no_table_whole(tmp_path: Path) -> None:
    """Leases that are over are most of them after a year: the count of the open ones is found by the index."""
    broker = memory_broker(str(tmp_path), {}, {})
    asked: list[str] = []
    sa.event.listen(broker.database.engine, "before_cursor_execute", lambda *event: asked.append(event[2] % ()))
    gauges(broker.database)
    [query] = [one for one in asked if one.startswith("SELECT leases.state")]
    with broker.database.read() as tx:
        bound = query.replace("?", "'x'")
        plan = " ".join(str(row) for row in tx.execute(sa.text(f"EXPLAIN QUERY PLAN {bound}")).all())
    assert "USING" in plan
    assert "ix_leases_state" in plan
    assert leases.c.state.index


def test_a_store_that_is_down_is_a_number(tmp_path: Path) -> None:
    """`broker_store_up 0` and nothing else: half of the numbers would be read as all."""
    broker = memory_broker(str(tmp_path), {}, {})
    with broker.database.write() as tx:
        tx.execute(sa.text("ALTER TABLE approvals RENAME TO lost"))
    found = gauges(broker.database)
    assert found.get_sample_value("broker_store_up") == 0
    assert [family.name for family in found.collect()] == ["broker_store_up"]
