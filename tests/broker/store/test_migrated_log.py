"""A log that an earlier release numbered: after the migration it verifies, proves and goes on as one log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.log.tree import Tree
from broker.store import database as database_room
from broker.store.database import Database, attach_database, open_database
from broker.store.log import Signer, append, sequence
from broker.store.tables import events, leaves, subtrees
from broker.store.verify import INTACT, verify
from secretguard.audit import checkpoint
from secretguard.audit.merkle import Frontier, leaf_hash, verify_inclusion
from secretguard.errors import ConfigError
from tests.broker.stores import KINDS, fresh_url

NUMBERED, WAITING = 600, 3
SIGNER = Signer("test/log", Ed25519PrivateKey.from_private_bytes(b"s" * 32))


def written_before(url: str) -> str:
    """The tables of revision 0003 with numbered records, a checkpoint, and records that wait; the checkpoint."""
    engine = database_room._engine(url, create=True)
    database_room.migrate(engine, "0003")
    with engine.begin() as connection:
        old = sa.Table("events", sa.MetaData(), autoload_with=connection)
        frontier, rows = Frontier(), []
        for number in range(NUMBERED + WAITING):
            payload = json.dumps({"event": "broker:task:created", "n": number})
            row: dict[str, object] = {"event": "broker:task:created", "task_id": f"task-{number}", "payload": payload}
            if number < NUMBERED:
                digest = leaf_hash(payload.encode())
                row |= {"leaf": number, "leaf_hash": digest.hex()}
                frontier.append(digest)
            rows.append({"leaf": None, "leaf_hash": None, **row})
        connection.execute(old.insert(), rows)
        note = checkpoint.sign("test/log", NUMBERED, frontier.head(), SIGNER.key)
        table = sa.Table("checkpoints", sa.MetaData(), autoload_with=connection)
        stored = json.dumps([one.hex() for one in frontier.hashes])
        connection.execute(table.insert().values(size=NUMBERED, note=note, frontier=stored, at=1))
    engine.dispose()
    return note


@pytest.fixture(params=KINDS)
def moved(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Database, str]:
    """The store after the migration, and the checkpoint of before."""
    url = fresh_url(request.param, tmp_path, request)
    note = written_before(url)
    return open_database(url), note


def test_a_log_of_before_is_the_same_log_after(moved: tuple[Database, str]) -> None:
    """Intact by its old checkpoint; what waited gets the next numbers, and new records come behind it."""
    database, note = moved
    result = verify(database, SIGNER.public_key, note)
    assert (result.code, result.size, result.waiting) == (INTACT, NUMBERED, WAITING)
    with database.write() as tx:
        append(tx, "broker:task:created", "task-new", 1.0, {})
    assert sequence(database, SIGNER, lambda: 2.0) == WAITING + 1
    result = verify(database, SIGNER.public_key, note)
    assert (result.code, result.size, result.waiting) == (INTACT, NUMBERED + WAITING + 1, 0)
    with database.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(subtrees)).scalar_one() == NUMBERED // 256
        query = sa.select(events.c.task_id).join(leaves, leaves.c.seq == events.c.seq).order_by(leaves.c.leaf.desc())
        assert tx.execute(query.limit(2)).scalars().all() == ["task-new", f"task-{NUMBERED + WAITING - 1}"]
    database.close()


def test_a_record_of_before_can_be_proved(moved: tuple[Database, str]) -> None:
    """From the subtrees that the migration made."""
    database, note = moved
    with database.read() as tx:
        tree = Tree(tx, NUMBERED)
        root, path = tree.root(), tree.inclusion(17)
        payload = tx.execute(sa.select(events.c.payload).where(events.c.task_id == "task-17")).scalar_one()
    assert checkpoint.verify(note, SIGNER.public_key)[2] == root
    assert verify_inclusion(leaf_hash(payload.encode()), 17, NUMBERED, path, root)
    database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_of_before_is_told_from_one_that_is_none(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Reading commands migrate nothing; they say what would."""
    url = fresh_url(kind, tmp_path, request)
    written_before(url)
    with pytest.raises(ConfigError, match="an older broker's"):
        attach_database(url)
