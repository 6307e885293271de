"""Retention and erasure: texts go, every proof and checkpoint from before stays valid, and it is on record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from broker import pipeline
from broker.errors import Conflict, NotFound, RecordFailed
from broker.grant import Grant
from broker.log.keep import CHUNK, compact, erase, prune, without
from broker.log.proof import check_proof, prove, read_proof
from broker.revoke import end_task
from broker.service import Broker
from broker.store.database import open_database
from broker.store.log import append, newest_note, sequence
from broker.store.tables import erasures, events, leaves, retention, tasks
from broker.store.verify import INTACT, TAMPERED, verify
from broker.task import TaskState
from broker.testing import ManualClock, MemorySource, memory_broker, task_policy
from secretguard.audit.merkle import leaf_hash
from tests.broker.log.logs import START, broker_of, grow
from tests.broker.scenario import ADA, active_task, recorded
from tests.broker.stores import KINDS, fresh_url


def verdict(broker: Broker, pin: str | None = None) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Code, findings and notes of a verification with the log's key."""
    result = verify(broker.database, broker.signer.key.public_key(), pin)
    return result.code, result.findings, result.notes


def note(broker: Broker) -> str:
    """The newest checkpoint."""
    with broker.database.read() as tx:
        return newest_note(tx) or ""


@pytest.fixture(params=KINDS)
def aged(request: pytest.FixtureRequest, tmp_path: Path) -> Broker:
    """A thousand old records and ten new ones, on each kind of store."""
    database = open_database(fresh_url(request.param, tmp_path, request))
    broker = memory_broker("", {}, {}, database=database, clock=ManualClock(START))
    grow(broker, CHUNK + 20)
    broker.clock.advance(86_400)  # type: ignore[attr-defined]
    grow(broker, 10)
    return broker


def test_old_texts_go_and_everything_still_verifies(aged: Broker) -> None:
    """A pin from before, the record as it is, and a proof of what is kept."""
    pin = note(aged)
    assert prune(aged.database, START + 3600, "unix:0", "a year is over", aged.clock()) == (CHUNK + 20, CHUNK + 20)
    sequence(aged.database, aged.signer, aged.clock)
    kept = f"pruned: entries below {CHUNK + 20} are known by their hashes alone"
    assert verdict(aged, pin) == (INTACT, (), (kept,))
    (told,) = recorded(aged, "broker:log:pruned")
    assert (told["minimum"], told["by"], told["reason"]) == (CHUNK + 20, "unix:0", "a year is over")
    with aged.database.read() as tx:
        proof = prove(tx, CHUNK + 25)
    assert check_proof(read_proof(proof), aged.signer.key.public_key()).index == CHUNK + 25
    assert prune(aged.database, START + 3600, "unix:0", "again", aged.clock()) == (CHUNK + 20, 0)
    assert len(recorded(aged, "broker:log:pruned")) == 1


def test_a_run_that_was_stopped_is_finished_by_the_next(aged: Broker) -> None:
    """The decision stands on record; the texts that are left go then."""
    with aged.database.write() as tx:
        append(tx, "broker:log:pruned", "", START, {"minimum": 100, "before": "x", "by": "x", "signer": ""})
        tx.execute(retention.insert().values(minimum=100, at=0))
    assert prune(aged.database, START - 1, "unix:0", "x", aged.clock()) == (100, 100)


def test_below_the_minimum_only(aged: Broker) -> None:
    """The triggers let nothing else go, whoever asks."""
    prune(aged.database, START + 3600, "unix:0", "x", aged.clock())
    with pytest.raises(RecordFailed), aged.database.write() as tx:
        tx.execute(events.delete().where(events.c.seq > CHUNK + 20))
    with pytest.raises(RecordFailed), aged.database.write() as tx:
        tx.execute(leaves.delete().where(leaves.c.leaf == 0))


def test_a_deletion_that_no_entry_tells_of_is_tampering(tmp_path: Path) -> None:
    """A minimum in the table alone, by somebody who may write there, is not retention."""
    broker = broker_of(tmp_path, 20)
    with broker.database.write() as tx:
        tx.execute(retention.insert().values(minimum=5, at=0))
        tx.execute(events.delete().where(events.c.seq <= 5))
    code, findings, _ = verdict(broker)
    assert (code, findings[0]) == (TAMPERED, "dropped: entry 0")


def test_the_records_of_a_task_that_lives_stay(tmp_path: Path) -> None:
    """And all that came after them: the record has one beginning."""
    broker = memory_broker(str(tmp_path / "s"), {"work": task_policy(Grant("db", "memory", {}, ttl=300))}, {})
    grow(broker, 7)
    active_task(broker)
    sequence(broker.database, broker.signer, broker.clock)
    assert prune(broker.database, START + 10**6, "unix:0", "x", broker.clock())[0] == 7


def lived(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> tuple[Broker, str]:
    """A broker with a task of ada's that is over, and a refused credential in it."""
    database = open_database(fresh_url(kind, tmp_path, request))
    policy = {"work": task_policy(Grant("db", "memory", {}, ttl=300))}
    broker = memory_broker("", policy, {"memory": MemorySource()}, database=database)
    started = pipeline.start_task(broker, ADA, "work", "look at the payroll of Grace", None)
    end_task(broker, started.task.id, TaskState.ENDED, ADA.id, "ada is done")
    sequence(broker.database, broker.signer, broker.clock)
    return broker, started.task.id


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("by_task", [True, False])
def test_personal_texts_go_from_record_and_rows(
    kind: str, by_task: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Nothing in the store names the person any more; all checkpoints, and a pin from before, verify."""
    broker, task_id = lived(tmp_path, kind, request)
    pin = note(broker)
    wanted = {"task_id": task_id} if by_task else {"who": ADA.id}
    assert erase(broker.database, broker.clock(), "unix:0", "asked for", **wanted) == 2
    sequence(broker.database, broker.signer, broker.clock)
    code, findings, notes = verdict(broker, pin)
    assert (code, findings, notes) == (INTACT, (), ("erased: 2 entries have lost their personal texts",))
    with broker.database.read() as tx:
        everything = str([tx.execute(sa.select(table)).all() for table in (events, erasures, tasks)])
    assert ADA.id not in everything
    assert ("payroll" in everything) is not by_task
    (told,) = recorded(broker, "broker:log:erased")
    assert (told["entries"], told["by"]) == ([0, 1], "unix:0")
    created = recorded(broker, "broker:task:created")[0]
    assert (created["launcher"], created["erased"], created["policy"]) == ("erased", True, "work")


def test_the_erased_cannot_be_guessed_by_the_hash(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The salt goes with the texts: the right guess has the right hash only with 128 bits that nobody has any more."""
    broker, task_id = lived(tmp_path, "sqlite", request)
    before = recorded(broker, "broker:task:created")[0]
    assert len(str(before["salt"])) == 32
    erase(broker.database, broker.clock(), "unix:0", "x", task_id=task_id)
    after = recorded(broker, "broker:task:created")[0]
    assert "salt" not in after
    with broker.database.read() as tx:
        stored = tx.execute(sa.select(leaves.c.hash).where(leaves.c.leaf == 0)).scalar()
    guess = {name: before[name] for name in before if name != "salt"}
    assert leaf_hash(json.dumps(guess, sort_keys=True).encode()).hex() != stored
    assert leaf_hash(json.dumps(before, sort_keys=True).encode()).hex() == stored


def test_erasing_in_two_turns(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """First the person, then all of the task: the second takes what the first left."""
    broker, task_id = lived(tmp_path, "sqlite", request)
    erase(broker.database, broker.clock(), "unix:0", "x", who=ADA.id)
    erase(broker.database, broker.clock(), "unix:0", "x", task_id=task_id)
    sequence(broker.database, broker.signer, broker.clock)
    assert verdict(broker)[0] == INTACT
    assert "payroll" not in str(recorded(broker))
    with pytest.raises(NotFound):
        erase(broker.database, broker.clock(), "unix:0", "x", who=ADA.id)


def test_an_erasure_that_no_entry_tells_of_is_tampering(tmp_path: Path) -> None:
    """Otherwise it would be a way to edit a record."""
    broker = broker_of(tmp_path, 5)
    with broker.database.write() as tx:
        tx.execute(erasures.insert().values(seq=3, turn=0, payload='{"event": "broker:task:ended"}', at=0))
        tx.execute(events.update().where(events.c.seq == 3).values(payload='{"event": "broker:task:ended"}'))
    code, findings, _ = verdict(broker)
    assert (code, findings[0]) == (TAMPERED, "edited: entry 2 was erased, and no entry says so")


def test_an_erased_record_is_proved_by_who_kept_it_and_by_nobody_else(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The file carries no record then; the stand-in does not pass for it."""
    broker, task_id = lived(tmp_path, "sqlite", request)
    with broker.database.read() as tx:
        whole = read_proof(prove(tx, 0)).record
    erase(broker.database, broker.clock(), "unix:0", "x", task_id=task_id)
    sequence(broker.database, broker.signer, broker.clock)
    with broker.database.read() as tx:
        proof = read_proof(prove(tx, 0))
        stand_in = str(tx.execute(sa.select(events.c.payload).where(events.c.seq == 1)).scalar())
    assert proof.record == b""
    key = broker.signer.key.public_key()
    assert check_proof(proof, key, record=whole).index == 0
    with pytest.raises(Exception, match="not entry 0"):
        check_proof(proof, key, record=stand_in.encode())


def test_a_task_that_lives_keeps_its_names(tmp_path: Path) -> None:
    """Its approvals compare them: whoever asks for something must not become nobody."""
    broker = memory_broker(str(tmp_path / "s"), {"work": task_policy(Grant("db", "memory", {}, ttl=300))}, {})
    task = active_task(broker)
    sequence(broker.database, broker.signer, broker.clock)
    for wanted in ({"task_id": task.id}, {"who": ADA.id}):
        with pytest.raises(Conflict, match="not over"):
            erase(broker.database, broker.clock(), "unix:0", "x", **wanted)


def test_what_has_no_number_yet_is_not_erased(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Its hash would be that of the stand-in; nothing of the erasure happens then."""
    broker, task_id = lived(tmp_path, "sqlite", request)
    with broker.database.write() as tx:
        append(tx, "broker:task:ended", task_id, START, {"by": ADA.id})
    with pytest.raises(Conflict, match="number"):
        erase(broker.database, broker.clock(), "unix:0", "x", task_id=task_id)
    assert "payroll" in str(recorded(broker))


@pytest.mark.parametrize(
    ("text", "gone"),
    [("jwt:corp:ada", True), ("by jwt:corp:ada.", True), ("jwt:corp:adam", False), ("jwt:corp:ada.b", False)],
)
def test_an_identity_is_erased_whole(text: str, gone: bool) -> None:
    """Another one that begins with the same letters is another person."""
    left = without(json.dumps({"event": "x", "approver": [text], "salt": "s"}), False, "jwt:corp:ada")
    assert (left is not None) is gone


def test_the_freed_pages_are_written_anew(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The erased name is in none of the store's files afterwards."""
    broker, task_id = lived(tmp_path, "sqlite", request)
    erase(broker.database, broker.clock(), "unix:0", "x", task_id=task_id)
    compact(broker.database)
    files = list((tmp_path / "store").iterdir())
    assert files
    assert not any(b"payroll" in file.read_bytes() for file in files)
