"""Runs and stories from the record: found by what a reviewer knows, told in order, hostile text kept as text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from broker import pipeline
from broker.activity import Filter, integrity, record, records, run, runs
from broker.authenticate.identity import Identity
from broker.errors import Refused
from broker.grant import Grant
from broker.revoke import end_task, revoke_lease
from broker.service import Broker
from broker.store.database import open_database
from broker.store.log import append, sequence
from broker.task import TaskState
from broker.testing import ManualClock, MemorySource, memory_broker, task_policy
from tests.broker.scenario import ADA, GRACE, THUMBPRINT, issue
from tests.broker.stores import KINDS, fresh_url

HOSTILE = '<script>alert(1)</script>%_\\\u202e"'


def lived(broker: Broker, caller: Identity, purpose: str, policy: str = "work") -> str:
    """A task with one credential that is over."""
    started = pipeline.start_task(broker, caller, policy, purpose, None)
    task, _ = pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)
    lease = issue(broker, task).lease
    revoke_lease(broker, lease.id, caller.id)
    end_task(broker, task.id, TaskState.ENDED, caller.id, "the work is done")
    return task.id


@pytest.fixture(params=KINDS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Broker:
    """Two policies, on each kind of store."""
    grant = Grant("db", "memory", {}, ttl=300)
    policies = {
        name: task_policy(grant, name=name, launchers=("jwt:corp:ada", "jwt:corp:grace")) for name in ("work", "audit")
    }
    database = open_database(fresh_url(request.param, tmp_path, request))
    clock = ManualClock()
    return memory_broker("", policies, {"memory": MemorySource()}, database=database, clock=clock)


def ids(broker: Broker, **wanted: object) -> list[str]:
    """The runs that fit."""
    return [one.task_id for one in runs(broker.database, Filter(**wanted))]  # type: ignore[arg-type]


def test_a_text_that_is_in_a_salt_alone_is_in_no_record(broker: Broker) -> None:
    """Salts are random hexadecimal digits: what is looked for must not be found there by chance, and must elsewhere."""
    task_id, clock = lived(broker, ADA, "look at the logs"), broker.clock
    inside = {"claimed": {"event": "guard:command:allowed", "salt": "beefcafe" * 4}}
    with broker.database.write() as tx:
        append(tx, "sandbox:event:reported", task_id, clock(), {**inside, "about": "deadbea7"})
    salts = [json.loads(one.payload)["salt"] for one in records(broker.database)]
    assert all(ids(broker, text=text) == [] for text in (*(one[5:21] for one in salts), "cafebeef", "0" * 40))
    with broker.database.write() as tx:
        append(tx, "broker:lease:refused", task_id, clock(), {"a": "ffd0bbff"})
    assert ids(broker, text="ffd0bbff") == [task_id], "in the first field of a record with one salt"
    assert ids(broker, text="deadbea7") == ids(broker, text="DEADBEA") == [task_id]


def test_a_run_is_told_from_asking_to_end(broker: Broker) -> None:
    """Who asked and why, each step of the credential, who had it taken back, who ended it; each has its record."""
    task_id = lived(broker, ADA, "look at the logs")
    sequence(broker.database, broker.signer, broker.clock)
    found = run(broker.database, task_id)
    assert found is not None
    assert [line.kind for line in found.lines] == ["asked", "started", *["credential"] * 4, "ended"]
    assert "jwt:corp:ada asked for a run of work" in found.lines[0].text
    assert "look at the logs" in found.lines[0].text
    assert "taken back by jwt:corp:ada (revoked by itself): confirmed" in found.lines[5].text
    assert found.lines[6].text == "ended by jwt:corp:ada: the work is done"
    assert [line.leaf for line in found.lines] == list(range(7))
    assert (found.leases, found.state, found.cut, found.ended_at) == (1, "ended", False, broker.clock())
    for line in found.lines:
        told = record(broker.database, line.seq)
        assert told is not None
        assert (told.event, told.leaf, len(told.hash)) == (line.event, line.leaf, 64)
    assert run(broker.database, "task-none") is None


def test_runs_are_found_by_what_is_known_of_them(broker: Broker) -> None:
    """Person, policy, lease, words of the purpose, and any text of the record."""
    one = lived(broker, ADA, "rotate the staging keys")
    broker.clock.advance(100)  # type: ignore[attr-defined]
    other = lived(broker, GRACE, "count invoices", policy="audit")
    lease = run(broker.database, one).lines[2].fields["lease"]  # type: ignore[union-attr]
    assert ids(broker) == [other, one]
    assert ids(broker, text=str(lease)) == [one]
    assert ids(broker, text="STAGING") == [one]
    assert ids(broker, text="the work is done") == [other, one]
    assert ids(broker, who="grace") == [other]
    assert ids(broker, policy="audit") == [other]
    assert ids(broker, until=int(broker.clock()) - 50) == [one]
    assert ids(broker, since=int(broker.clock()) - 50) == [other]
    assert ids(broker, state="killed") == ids(broker, environment="production") == ids(broker, text="nowhere") == []


def test_what_needs_attention_is_a_filter(broker: Broker) -> None:
    """A refused credential is an alarm of its run; a run without one has none."""
    quiet = lived(broker, ADA, "x")
    started = pipeline.start_task(broker, ADA, "work", "x", None)
    task, _ = pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)
    with pytest.raises(Refused):
        pipeline.credentials(broker, task, "none", None, "key-0001")
    (found,) = runs(broker.database, Filter(attention=True))
    assert (found.task_id, found.alarms) == (task.id, ("broker:lease:refused",))
    assert run(broker.database, quiet).alarms == ()  # type: ignore[union-attr]


def test_pages_hold_while_runs_are_added(broker: Broker) -> None:
    """Newest first; each run once, whatever came meanwhile; a cursor that is none begins nowhere else."""
    first = [lived(broker, ADA, str(number)) for number in range(5)]
    page = runs(broker.database, Filter(limit=2))
    lived(broker, ADA, "meanwhile")
    seen = [one.task_id for one in page]
    while page:
        page = runs(broker.database, Filter(limit=2, after=page[-1].cursor))
        seen += [one.task_id for one in page]
    assert len(seen) == len(set(seen))
    assert set(seen) <= {*first, *ids(broker)}
    assert ids(broker, after="nonsense") == []
    assert ids(broker, after="9" * 40) == []


@pytest.mark.parametrize("text", ["%", "ob_x", "\\", HOSTILE, "'; DROP TABLE events; --", "\x00"])
def test_search_text_is_text(broker: Broker, text: str) -> None:
    """No wildcard, no statement; and what was recorded with it is found by it."""
    lived(broker, ADA, "plain words")
    marked = lived(broker, ADA, f"see {HOSTILE}")
    assert ids(broker, text=text) == ([marked] if text in HOSTILE else [])
    assert run(broker.database, text) is None


def test_records_of_no_run_are_there_too(broker: Broker) -> None:
    """A refused task belongs to nobody's run, and is read all the same."""
    with pytest.raises(Refused):
        pipeline.start_task(broker, ADA, "none", "x", None)
    (told,) = records(broker.database, event="broker:task:refused")
    assert (told.task_id, told.leaf, told.hash) == ("", None, "")
    assert records(broker.database, after=told.seq) == []


def test_integrity_is_that_of_verification(broker: Broker) -> None:
    """Its word, the checkpoint and its root, and when it was found."""
    lived(broker, ADA, "x")
    assert integrity(broker.database, broker.signer.key.public_key(), 5.0).outcome == "cannot tell"
    sequence(broker.database, broker.signer, broker.clock)
    found = integrity(broker.database, broker.signer.key.public_key(), 5.0)
    assert (found.outcome, found.size, found.findings, found.checked_at) == ("intact", 7, (), 5.0)
    assert found.note.split("\n")[2] == found.root
    assert integrity(broker.database, None, 5.0).outcome == "cannot tell"
