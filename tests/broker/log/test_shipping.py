"""The broker's log as a source: every numbered record once, in the tree's order, from SQLite and PostgreSQL."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from broker.log.keep import erase, prune
from broker.log.shipping import METHOD, LogSource
from broker.service import Broker
from broker.store.database import open_database
from broker.store.log import append, newest_note, sequence
from broker.store.tables import events
from broker.testing import memory_broker
from secretguard.audit.merkle import leaf_hash, tree_head
from secretguard.audit.ship.batch import Batch
from secretguard.audit.ship.cursor import Cursor
from secretguard.audit.vocabulary import EVENTS
from secretguard.errors import ConfigError
from tests.broker.stores import KINDS, fresh_url
from tests.secretguard.audit.ocsf_schema import faults

START = Cursor()


def write(broker: Broker, count: int, *, numbered: bool = True) -> None:
    """Record events of all kinds that the broker has; number them unless told otherwise."""
    names = sorted(name for name in EVENTS if name.startswith(("broker:", "sandbox:", "policy:")))
    for number in range(count):
        fields = {"reason": "why", "lease": f"lease-{number}", "launcher": "ann", "grant": "read"}
        with broker.database.write() as tx:
            append(tx, names[number % len(names)], f"task-{number}", 1.0 + number, fields)
    if numbered:
        sequence(broker.database, broker.signer, broker.clock)


def batches(broker: Broker, cursor: Cursor = START, limit: int = 500) -> list[Batch]:
    """What there is after `cursor`."""
    return list(LogSource(broker.database).batches(cursor, limit))


def documents(found: list[Batch]) -> list[dict[str, Any]]:
    """The events as a receiver reads them."""
    return [json.loads(line) for batch in found for line in batch.lines.splitlines()]


@pytest.fixture(params=KINDS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Broker:
    """A broker with an empty record on each kind of store."""
    return memory_broker("", {}, {}, database=open_database(fresh_url(request.param, tmp_path, request)))


def test_every_record_comes_once_and_valid(broker: Broker) -> None:
    """In batches, from the beginning or from the middle, then what is new; nothing before the first checkpoint."""
    assert batches(broker) == []
    write(broker, 60)
    found = batches(broker, limit=25)
    assert [len(batch.events) for batch in found] == [25, 25, 10]
    told = documents(found)
    assert [event["metadata"]["sequence"] for event in told] == list(range(60))
    assert len({event["metadata"]["uid"] for event in told}) == 60
    assert [fault for event in told for fault in faults(event)] == []
    assert documents(batches(broker, found[0].cursor)) == told[25:]
    assert batches(broker, found[-1].cursor) == []
    write(broker, 2)
    assert len(documents(batches(broker, found[-1].cursor))) == 2


def test_a_receiver_can_rebuild_the_tree(broker: Broker) -> None:
    """From the events alone it computes the root that the checkpoint states: nothing was edited, dropped or added."""
    write(broker, 37)
    told = documents(batches(broker))
    hashes = [leaf_hash(event["raw_data"].encode()) for event in told]
    for event, own in zip(told, hashes, strict=True):
        (proof,) = event["attestation_list"]
        assert proof["fingerprint"]["value"] == own.hex()
        assert own == hashlib.sha256(b"\0" + event["raw_data"].encode()).digest()
        assert (proof["chain_uid"], proof["fingerprint"]["serialization"]) == (broker.signer.origin, METHOD)
        assert "prev_event" not in proof
    with broker.database.read() as tx:
        note = newest_note(tx)
    assert note is not None
    assert base64.b64decode(note.split("\n")[2]) == tree_head(hashes)


def test_what_has_no_number_yet_waits(broker: Broker) -> None:
    """A transaction that is still open may get an earlier place: only numbered records have one."""
    write(broker, 3)
    write(broker, 2, numbered=False)
    found = batches(broker)
    assert len(documents(found)) == 3
    sequence(broker.database, broker.signer, broker.clock)
    assert len(documents(batches(broker, found[-1].cursor))) == 2


def test_no_salt_and_no_loss_of_words(broker: Broker) -> None:
    """What a record says stands under `unmapped`; the salt stays in the record's own text."""
    write(broker, 1)
    (event,) = documents(batches(broker))
    assert event["unmapped"]["lease"] == "lease-0"
    assert "salt" not in event["unmapped"]
    assert "salt" in json.loads(event["raw_data"])


@pytest.mark.parametrize("cursor", [Cursor(3, "0" * 64), Cursor(9, "0" * 64)])
def test_a_cursor_of_another_log_is_refused(broker: Broker, cursor: Cursor) -> None:
    """The leaf before it is another one, or there are not that many: a store that was put back or replaced."""
    write(broker, 5)
    with pytest.raises(ConfigError, match="log verify --pin"):
        batches(broker, cursor)


def test_pruned_records_are_counted(tmp_path: Path) -> None:
    """Their leaves stay: what was gone before it could be sent is a number, also in the middle."""
    broker = memory_broker("", {}, {}, database=open_database(f"sqlite:///{tmp_path}/s/broker.db"))
    write(broker, 10)
    cursor = batches(broker, limit=2)[0].cursor
    with broker.database.write() as tx:
        for rule in tx.execute(sa.text("SELECT name FROM sqlite_master WHERE type='trigger'")).scalars().all():
            tx.execute(sa.text(f"DROP TRIGGER {rule}"))
        tx.execute(events.delete().where(events.c.seq.in_([3, 4, 5, 8])))
    found = batches(broker, cursor)
    assert [batch.lost for batch in found] == [3, 1]
    assert [event["metadata"]["sequence"] for event in documents(found)] == [5, 6, 8, 9]
    assert found[-1].cursor.number == 10


def test_what_the_commands_prune_and_erase_is_told_from_a_break(broker: Broker) -> None:
    """`broker log prune` before it was sent: counted. `erase`: the record comes without the names, its leaf hash stays
    that of the whole record, and the receiver is told that it was erased."""
    write(broker, 8)
    cursor = batches(broker, limit=2)[0].cursor
    erase(broker.database, broker.clock(), "operator", "request 17", who="ann")
    prune(broker.database, 5.0, "operator", "older than a year", broker.clock())
    sequence(broker.database, broker.signer, broker.clock)
    found = batches(broker, cursor)
    told = documents(found)
    assert sum(batch.lost for batch in found) == told[0]["metadata"]["sequence"] - 2 > 0
    assert {"broker:log:pruned", "broker:log:erased"} <= {event["metadata"]["event_code"] for event in told}
    assert [fault for event in told for fault in faults(event)] == []
    first = told[0]
    assert first["unmapped"]["erased"] is True
    assert "ann" not in (first["unmapped"]["launcher"], json.loads(first["raw_data"])["launcher"])
    assert first["attestation_list"][0]["fingerprint"]["value"] != leaf_hash(first["raw_data"].encode()).hex()


def test_a_payload_that_is_no_json_still_goes_out(tmp_path: Path) -> None:
    """Whoever owns the store may write nonsense; the receiver sees it as it is, and that its digest does not fit."""
    broker = memory_broker("", {}, {}, database=open_database(f"sqlite:///{tmp_path}/s/broker.db"))
    write(broker, 2)
    with broker.database.write() as tx:
        for rule in tx.execute(sa.text("SELECT name FROM sqlite_master WHERE type='trigger'")).scalars().all():
            tx.execute(sa.text(f"DROP TRIGGER {rule}"))
        tx.execute(events.update().where(events.c.seq == 1).values(payload="{"))
    edited = documents(batches(broker))[0]
    assert edited["raw_data"] == "{"
    assert edited["attestation_list"][0]["fingerprint"]["value"] != leaf_hash(b"{").hex()
