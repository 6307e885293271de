"""What a sandbox says of itself: kept as claimed, in the form of a guard's record, and only so much of it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker import pipeline, reported
from broker.errors import BadRequest, BrokerError, Conflict, NotFound, RecordFailed, TooMany
from broker.log.keep import without
from broker.reported import CAPPED, EVENT, MAX_RECORD, step, take
from broker.revoke import end_task
from broker.service import Broker
from broker.store.database import open_database
from broker.task import Task, TaskState
from broker.testing import CrashError, FaultyDatabase, MemorySource, memory_broker, task_policy
from secretguard.audit.broker_records import claimed
from tests.broker.scenario import ADA, DB, active_task, recorded
from tests.broker.stores import KINDS, fresh_url


@pytest.fixture(params=KINDS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Broker:
    """A broker over each kind of store."""
    database = FaultyDatabase(open_database(fresh_url(request.param, tmp_path, request)).engine)
    return memory_broker("", {"work": task_policy(DB)}, {"memory": MemorySource()}, database=database)


@pytest.fixture
def task(broker: Broker) -> Task:
    return active_task(broker)


def said(seq: int = 1, **fields: object) -> dict[str, object]:
    """A record as a guard's journal has it."""
    return {"v": 1, "seq": seq, "time": "2026-11-25T01:00:00.000Z", "event": "guard:command:allowed", **fields}


def test_a_report_is_kept_as_claimed(broker: Broker, task: Task) -> None:
    """Inside a record of the broker's own, which names the task by the session and what it is about."""
    lie = said(7, command="curl https://x.example", task="task-000000000000", hosts=[{"host": "x.example"}])
    assert take(broker.database, broker.clock, task.id, [said(6, tool="Bash"), lie]) == 2
    first, second = recorded(broker, EVENT)
    assert (first["about"], second["about"]) == ("Bash", "curl https://x.example")
    assert second["task"] == task.id
    assert second["claimed"] == lie
    assert second["claimed_event"] == "guard:command:allowed"


WRONG = {
    "an event of the broker's": said(event="broker:lease:issued"),
    "a made-up event": said(event="guard:made:up"),
    "no event": {"seq": 1, "time": "x"},
    "no number": said(seq=0),
    "a number that is none": said(seq=True),  # type: ignore[arg-type]
    "no time": {"seq": 1, "event": "guard:command:allowed"},
    "a long time": {**said(), "time": "x" * 41},
    "an odd name": said(**{"Name\n": 1}),
    "many fields": said(**{f"f{number}": 1 for number in range(80)}),
    "large": said(reason="x" * MAX_RECORD),
    "deep": said(x=[[[[[[1]]]]]]),
    "no number of JSON": said(x=float("nan")),
}


@pytest.mark.parametrize("record", WRONG.values(), ids=WRONG.keys())
def test_what_no_guard_writes_is_refused_whole(broker: Broker, task: Task, record: dict[str, object]) -> None:
    """One bad record keeps the others of the same request out: a guard makes none."""
    with pytest.raises(BadRequest):
        take(broker.database, broker.clock, task.id, [said(), record])
    assert recorded(broker, EVENT) == []


def test_how_much_one_task_says_is_bounded(broker: Broker, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fits is kept; then one event says that there was more, once, however often it goes on."""
    monkeypatch.setattr(reported, "MAX_RECORDS", 3)
    take(broker.database, broker.clock, task.id, [said(1), said(2)])
    for _ in range(3):
        with pytest.raises(TooMany):
            take(broker.database, broker.clock, task.id, [said(3), said(4)])
    assert [one["claimed"]["seq"] for one in recorded(broker, EVENT)] == [1, 2, 3]  # type: ignore[index]
    assert [one["records"] for one in recorded(broker, CAPPED)] == [3]
    other = active_task(broker)
    assert take(broker.database, broker.clock, other.id, [said()]) == 1, "another task has a bound of its own"


def test_bytes_are_bounded_too(broker: Broker, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few large records fill a disk as well as many small ones."""
    monkeypatch.setattr(reported, "MAX_BYTES", 5_000)
    with pytest.raises(TooMany):
        take(broker.database, broker.clock, task.id, [said(number, reason="x" * 2_000) for number in (1, 2, 3)])
    assert len(recorded(broker, EVENT)) == 2


def test_reports_at_once_do_not_pass_the_bound(broker: Broker, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task's row is locked while they are counted."""
    monkeypatch.setattr(reported, "MAX_RECORDS", 5)

    def report() -> None:
        try:
            take(broker.database, broker.clock, task.id, [said(1), said(2)])
        except BrokerError:
            return

    threads = [threading.Thread(target=report) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(recorded(broker, EVENT)) == 5
    assert len(recorded(broker, CAPPED)) == 1


def test_a_supervisors_steps_are_bounded_too(broker: Broker, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may launch a task could otherwise fill the disk; what the sandbox claims is counted apart."""
    monkeypatch.setattr(reported, "MAX_STEPS", 2)
    take(broker.database, broker.clock, task.id, [said(1), said(2), said(3)])
    end_task(broker, task.id, TaskState.ENDED, "ada", "done")
    for number in range(2):
        step(broker.database, broker.clock, task.id, "ada", "sandbox:command:ended", {"status": number})
    with pytest.raises(TooMany):
        step(broker.database, broker.clock, task.id, "ada", "sandbox:command:ended", {"status": 2})
    with pytest.raises(BadRequest):
        step(broker.database, broker.clock, task.id, "ada", "sandbox:command:ended", {"x": "y" * MAX_RECORD})
    for event in (EVENT, CAPPED, "sandbox:made:up"):
        with pytest.raises(BadRequest):
            step(broker.database, broker.clock, task.id, "ada", event, {})
    assert [one["reported"] for one in recorded(broker, "sandbox:command:ended")] == [{"status": 0}, {"status": 1}]


@pytest.mark.parametrize("state", [TaskState.ENDED, TaskState.KILLED])
def test_a_task_that_is_over_says_nothing_more(broker: Broker, task: Task, state: TaskState) -> None:
    """Nor does one that was never activated, or that does not exist."""
    end_task(broker, task.id, state, "unix:1", "over")
    with pytest.raises(Conflict):
        take(broker.database, broker.clock, task.id, [said()])
    started = pipeline.start_task(broker, ADA, "work", "a test", None)
    with pytest.raises(Conflict):
        take(broker.database, broker.clock, started.task.id, [said()])
    with pytest.raises(NotFound):
        take(broker.database, broker.clock, "task-none", [said()])


def test_what_a_sandbox_said_can_be_erased_with_its_task(broker: Broker, task: Task) -> None:
    """Paths, commands, whatever it wrote there, be it a credential of its own; which task it was stays."""
    take(broker.database, broker.clock, task.id, [said(command="cat /home/ada/diary", hosts=[{"host": "ada.example"}])])
    (kept,) = recorded(broker, EVENT)
    left = without(json.dumps(kept), task=True, who="")
    assert left is not None
    assert "ada" not in left
    assert task.id in left
    assert claimed([json.loads(left)], task.id) == []


def test_no_record_is_half_kept(broker: Broker, task: Task) -> None:
    """A store that fails, or dies before the commit, keeps none of the request's records and says so."""
    assert isinstance(broker.database, FaultyDatabase)
    for how, fault in (("refuse", RecordFailed), ("crash", CrashError)):
        broker.database.fail_at, broker.database.how = broker.database.writes, how
        with pytest.raises(fault):
            take(broker.database, broker.clock, task.id, [said(1), said(2)])
    assert recorded(broker, EVENT) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["event", "seq", "time", "tool", "x", "command"]), JSON, max_size=6))
def test_any_object_is_kept_or_refused(tmp_path_factory: pytest.TempPathFactory, record: dict[str, object]) -> None:
    """Whatever the sandbox sends: a refusal of this kind, and never another fault."""
    try:
        reported._checked({**said(), **record})
    except BadRequest:
        return
    assert record.get("event", "guard:command:allowed") in reported.EVENTS
