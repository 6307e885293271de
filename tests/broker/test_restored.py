"""What follows when an older store is put back; with a real Vault in `tests/vault/test_operation.py`."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from broker import pipeline
from broker.approve.tickets import Waiting
from broker.grant import Grant
from broker.receipt import Revocation
from broker.restored import restored
from broker.store.tables import approvals
from broker.testing import MemorySource, memory_broker, task_policy
from tests.broker.scenario import ADA, DB, active_task, attempt, issue, recorded

GATED = Grant("gated", "memory", {}, ttl=300, approvals=1)


def test_nothing_of_an_older_store_goes_on(tmp_path: Path) -> None:
    """Tasks that it says are alive are killed with what they have; what waits for a person waits no more."""
    source = MemorySource()
    broker = memory_broker(str(tmp_path), {"work": task_policy(DB, GATED)}, {"memory": source})
    task, created = active_task(broker), pipeline.start_task(broker, ADA, "work", "not activated", None)
    issue(broker, task)
    assert isinstance(pipeline.credentials(broker, task, "gated", None, "key-0002"), Waiting)
    done = restored(broker, "", "olga at the store", "the disk died")
    assert {one.task_id for one in done.receipts} == {task.id, created.task.id}
    assert done.complete
    assert (done.approvals, done.strays) == (1, None)
    assert source.alive == {}
    no = attempt(lambda: issue(broker, task, "key-0003"))
    assert no is not None
    assert no.rule == "dead-task"
    with broker.database.read() as tx:
        assert tx.execute(sa.select(approvals.c.state)).scalars().all() == ["expired"]
    [told] = recorded(broker, "broker:store:restored")
    assert (told["by"], told["tasks"], told["reason"]) == ("olga at the store", 2, "the disk died")


def test_it_may_be_run_again_until_all_is_dead(tmp_path: Path) -> None:
    """A source that is down leaves it incomplete, and says so; the next run has nothing left to kill."""
    source = MemorySource()
    broker = memory_broker(str(tmp_path), {"work": task_policy(DB)}, {"memory": source})
    issue(broker, active_task(broker))
    source.down = True
    first = restored(broker, "", "olga", "why")
    assert not first.complete
    assert [line.revocation for line in first.receipts[0].lines] == [Revocation.QUEUED]
    source.down = False
    assert restored(broker, "", "olga", "why").receipts == ()
