"""Tampering with the broker's record: the edited, the dropped and the cut-off record are told from an intact one."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.service import Broker
from broker.store.database import open_database
from broker.store.log import MAX_FIELD, Signer, append, sequence
from broker.store.tables import checkpoints, events, unnumbered
from broker.store.verify import CANNOT_TELL, INCOMPLETE, INTACT, TAMPERED, verify
from broker.testing import memory_broker
from secretguard.audit.checkpoint import verify as verify_checkpoint
from secretguard.audit.merkle import leaf_hash, tree_head
from tests.broker.scenario import recorded
from tests.broker.stores import KINDS, fresh_url

TABLES = ("events", "leaves", "subtrees", "checkpoints", "cosignatures", "retention", "erasures")


class Log:
    """A record of several batches, and an attacker who owns the database file."""

    def __init__(self, folder: Path, batches: tuple[int, ...] = (3, 5, 4)) -> None:
        self.path = folder / "s" / "broker.db"
        self.broker: Broker = memory_broker(str(folder / "s"), {}, {})
        self.key = self.broker.signer.key.public_key()
        for size in batches:
            self.grow(size)

    def grow(self, count: int, broker: Broker | None = None) -> None:
        broker = broker or self.broker
        for number in range(count):
            with broker.database.write() as tx:
                append(tx, "broker:task:created", f"task-{number}", 1.0, {"n": number})
        sequence(broker.database, broker.signer, broker.clock)

    def note(self) -> str:
        with self.broker.database.read() as tx:
            return str(tx.execute(sa.select(checkpoints.c.note).order_by(checkpoints.c.size.desc())).scalar())

    def tamper(self, *statements: str) -> None:
        with sqlite3.connect(self.path) as connection:
            for table in TABLES:
                for rule in ("append_only", "kept"):
                    connection.execute(f"DROP TRIGGER IF EXISTS {table}_{rule}")
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def rehash(self) -> None:
        """Make every stored leaf hash fit its payload again."""
        with sqlite3.connect(self.path) as connection:
            for seq, payload in connection.execute("SELECT seq, payload FROM events").fetchall():
                connection.execute("UPDATE leaves SET hash = ? WHERE seq = ?", (leaf_hash(payload.encode()).hex(), seq))
        connection.close()


@pytest.mark.parametrize("kind", KINDS)
def test_an_untouched_record_is_intact(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """By its checkpoints, and by a pin taken along the way, on each kind of store."""
    database = open_database(fresh_url(kind, tmp_path, request))
    broker = memory_broker("", {}, {}, database=database)
    log = Log(tmp_path / "other", batches=())
    log.grow(3, broker)
    with database.read() as tx:
        pin = str(tx.execute(sa.select(checkpoints.c.note)).scalar())
    log.grow(6, broker)
    for given in (None, pin):
        result = verify(database, broker.signer.key.public_key(), given)
        assert (result.code, result.size, result.findings) == (INTACT, 9, ())
    database.close()


def test_the_checkpoint_states_the_tree_over_the_records(tmp_path: Path) -> None:
    """The signed root is RFC 6962's over the exact payloads."""
    log = Log(tmp_path)
    with log.broker.database.read() as tx:
        payloads = tx.execute(sa.select(events.c.payload).order_by(events.c.seq)).scalars().all()
    assert verify_checkpoint(log.note(), log.key) == (
        "test/log",
        12,
        tree_head([leaf_hash(payload.encode()) for payload in payloads]),
    )


@pytest.mark.parametrize("leaf", [0, 5, 11])
def test_an_edited_entry_is_named(tmp_path: Path, leaf: int) -> None:
    """Which entry it is, wherever it lies."""
    log = Log(tmp_path)
    log.tamper(f"UPDATE events SET payload = replace(payload, 'created', 'nothing') WHERE seq = {leaf + 1}")
    result = verify(log.broker.database, log.key, None)
    assert (result.code, result.findings) == (TAMPERED, (f"edited: entry {leaf}",))


def test_an_edit_with_its_hash_made_to_fit_is_caught_by_the_checkpoints(tmp_path: Path) -> None:
    """Whoever edits the stored hash too still lacks the key for the checkpoints that follow."""
    log = Log(tmp_path)
    log.tamper("UPDATE events SET payload = replace(payload, 'created', 'nothing') WHERE seq = 6")
    log.rehash()
    result = verify(log.broker.database, log.key, None)
    assert result.code == TAMPERED
    assert [finding.split(":")[0] for finding in result.findings] == ["replaced", "replaced"]
    assert "8 entries" in result.findings[0]


@pytest.mark.parametrize(("where", "named"), [("= 4", "entry 4"), ("BETWEEN 2 AND 6", "entries 2 to 6")])
def test_a_dropped_entry_is_named(tmp_path: Path, where: str, named: str) -> None:
    """A gap in the numbering."""
    log = Log(tmp_path)
    log.tamper(
        f"DELETE FROM events WHERE seq IN (SELECT seq FROM leaves WHERE leaf {where})",
        f"DELETE FROM leaves WHERE leaf {where}",
    )
    result = verify(log.broker.database, log.key, None)
    assert (result.code, result.findings) == (TAMPERED, (f"dropped: {named}",))


def test_a_dropped_entry_with_the_numbers_closed_up_is_caught(tmp_path: Path) -> None:
    """Renumbering hides the gap from the numbering, not from the tree."""
    log = Log(tmp_path)
    log.tamper(
        "DELETE FROM events WHERE seq = 5",
        "DELETE FROM leaves WHERE leaf = 4",
        "UPDATE leaves SET leaf = leaf - 1 WHERE leaf > 4",
    )
    assert verify(log.broker.database, log.key, None).code == TAMPERED


def test_swapped_entries_are_caught(tmp_path: Path) -> None:
    """Order is part of the record."""
    log = Log(tmp_path)
    log.tamper(
        "UPDATE leaves SET leaf = 100 WHERE leaf = 4",
        "UPDATE leaves SET leaf = 4 WHERE leaf = 5",
        "UPDATE leaves SET leaf = 5 WHERE leaf = 100",
    )
    assert verify(log.broker.database, log.key, None).code == TAMPERED


def test_a_cut_off_end_is_incomplete(tmp_path: Path) -> None:
    """The checkpoints state more than is there."""
    log = Log(tmp_path)
    log.tamper("DELETE FROM events WHERE seq > 10", "DELETE FROM leaves WHERE leaf >= 10")
    result = verify(log.broker.database, log.key, None)
    assert (result.code, result.findings) == (INCOMPLETE, ("cut off: checkpoint states 12 entries, 10 are here",))


def test_a_cut_with_its_checkpoints_is_caught_by_a_pin(tmp_path: Path) -> None:
    """Yesterday's database is consistent in itself; only what was kept elsewhere tells."""
    log = Log(tmp_path)
    pin = log.note()
    log.tamper(
        "DELETE FROM events WHERE seq > 8",
        "DELETE FROM leaves WHERE leaf >= 8",
        "DELETE FROM checkpoints WHERE size > 8",
    )
    assert verify(log.broker.database, log.key, None).code == INTACT
    result = verify(log.broker.database, log.key, pin)
    assert (result.code, result.word) == (INCOMPLETE, "incomplete")


def test_a_record_signed_anew_from_scratch_is_caught_by_a_pin(tmp_path: Path) -> None:
    """The key's thief can make another consistent record, but not one that begins like the pinned one."""
    log, other = Log(tmp_path / "a"), Log(tmp_path / "b", batches=(20,))
    other.tamper("UPDATE events SET payload = replace(payload, 'created', 'refused')")
    pin = log.note()
    forged = memory_broker(str(tmp_path / "c"), {}, {})
    for number in range(15):
        with forged.database.write() as tx:
            append(tx, "broker:task:refused", "", 1.0, {"n": number})
    sequence(forged.database, forged.signer, forged.clock)
    assert verify(forged.database, log.key, None).code == INTACT
    assert verify(forged.database, log.key, pin).code == TAMPERED


def test_a_checkpoint_by_another_key_is_tampering(tmp_path: Path) -> None:
    """A forged or edited checkpoint is named by its size."""
    log = Log(tmp_path)
    stranger = Signer("test/log", Ed25519PrivateKey.generate())
    with log.broker.database.write() as tx:
        append(tx, "broker:task:created", "", 1.0, {})
    sequence(log.broker.database, stranger, log.broker.clock)
    result = verify(log.broker.database, log.key, None)
    assert result.code == TAMPERED
    assert "checkpoint of 13 entries is not signed by this key" in result.findings[0]


@pytest.mark.parametrize("pin", ["", "nonsense", "test/log\n5\nAAAA\n\n— x y\n"])
def test_a_pin_that_is_none_is_said(tmp_path: Path, pin: str) -> None:
    """An unreadable pin must not pass as agreement."""
    log = Log(tmp_path)
    assert verify(log.broker.database, log.key, pin).code == TAMPERED


def test_without_a_key_nothing_is_called_intact(tmp_path: Path) -> None:
    """Self-consistent, unanchored: whoever owns the store could have made all of it. Same for an empty record."""
    log = Log(tmp_path)
    assert verify(log.broker.database, None, None).code == CANNOT_TELL
    empty = memory_broker(str(tmp_path / "e"), {}, {})
    assert verify(empty.database, log.key, None).code == CANNOT_TELL


def test_events_not_numbered_yet_are_counted(tmp_path: Path) -> None:
    """They are on record, and not yet covered by a checkpoint; the result says how many."""
    log = Log(tmp_path)
    with log.broker.database.write() as tx:
        append(tx, "broker:task:created", "", 1.0, {})
    result = verify(log.broker.database, log.key, None)
    assert (result.code, result.size, result.waiting) == (INTACT, 12, 1)


def test_two_sequencers_make_one_tree(tmp_path: Path) -> None:
    """Replicas that number at once never give two entries one number."""
    log = Log(tmp_path, batches=())
    for number in range(300):
        with log.broker.database.write() as tx:
            append(tx, "broker:task:created", "", 1.0, {"n": number})
    run: Callable[[], int] = lambda: sequence(log.broker.database, log.broker.signer, log.broker.clock)  # noqa: E731
    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    result = verify(log.broker.database, log.key, None)
    assert (result.code, result.size, result.waiting) == (INTACT, 300, 0)


def test_an_event_outside_of_the_vocabulary_is_not_recorded(tmp_path: Path) -> None:
    """A closed vocabulary: what has no meaning has no record."""
    log = Log(tmp_path, batches=())
    with pytest.raises(KeyError), log.broker.database.write() as tx:
        append(tx, "broker:made:up", "", 1.0, {})


def test_a_long_field_is_cut_and_says_so(tmp_path: Path) -> None:
    """Its beginning, length and digest stay."""
    log = Log(tmp_path, batches=())
    with log.broker.database.write() as tx:
        append(tx, "broker:task:created", "", 1.0, {"purpose": "x" * (MAX_FIELD + 1)})
    field = recorded(log.broker)[0]["purpose"]
    assert isinstance(field, dict)
    assert field["length"] == MAX_FIELD + 1


@pytest.mark.parametrize("pinned", [False, True])
def test_what_no_checkpoint_states_does_not_count(pinned: bool, tmp_path: Path) -> None:
    """Whoever owns the store can drop the newest checkpoints, edit what they stated and rehash it: that is no intact
    record, also where a pin or the older checkpoints are in order."""
    log = Log(tmp_path, batches=(3,))
    pin = log.note() if pinned else None
    log.grow(5)
    log.grow(4)
    log.tamper(
        "DELETE FROM checkpoints WHERE size > 3", """UPDATE events SET payload = '{"edited": 1}' WHERE seq = 10"""
    )
    log.rehash()
    result = verify(log.broker.database, log.key, pin)
    assert result.code == TAMPERED
    assert result.findings == ("unsigned: no checkpoint states entries 3 to 11",)


def test_a_payload_that_is_gone_is_named(tmp_path: Path) -> None:
    """Its number and hash alone are no record, unless retention says that it may be gone."""
    log = Log(tmp_path)
    log.tamper("DELETE FROM events WHERE seq = 5")
    result = verify(log.broker.database, log.key, None)
    assert (result.code, result.findings) == (TAMPERED, ("dropped: entry 4",))


def test_a_record_that_was_taken_out_of_the_queue_is_named(tmp_path: Path) -> None:
    """Whoever keeps a record from being numbered keeps it out of the tree: that shows without a number missing."""
    log = Log(tmp_path)
    with log.broker.database.write() as tx:
        append(tx, "broker:task:created", "", 1.0, {})
        tx.execute(unnumbered.delete())
    log.grow(2)
    result = verify(log.broker.database, log.key, None)
    assert (result.code, result.size) == (TAMPERED, 14)
    assert result.findings == ("left out: record 13 has no number and does not wait for one",)


def test_a_stored_subtree_that_is_another_is_told(tmp_path: Path) -> None:
    """Proofs are made of it: they would not verify, and it would not be known why."""
    log = Log(tmp_path, batches=(300,))
    log.tamper("UPDATE subtrees SET hash = replace(hash, 'a', 'b')")
    assert verify(log.broker.database, log.key, None).code == TAMPERED
