"""What came since a full check."""

from __future__ import annotations

import base64

import pytest

from broker.log.tree import edge
from broker.web import growth
from broker.web.growth import Growth, grown
from tests.broker.web.sample import Sample, ordinary

UNLOCK = (
    "events_append_only",
    "events_kept",
    "leaves_append_only",
    "leaves_kept",
    "checkpoints_kept",
    "checkpoints_append_only",
)


def at(sample: Sample, size: int) -> Growth:
    """What a full check of the first `size` entries would have left behind."""
    with sample.broker.database.read() as tx:
        return Growth(size, base64.b64encode(edge(tx, size).head()).decode())


def check(sample: Sample, since: Growth) -> Growth:
    """The growth by the log's own key."""
    return grown(sample.broker.database, sample.broker.signer.key.public_key(), since)


def change(sample: Sample, statement: str) -> None:
    """An intruder with all rights over the store."""
    with sample.broker.database.write() as tx:
        for trigger in UNLOCK:
            tx.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")
        tx.exec_driver_sql(statement)


def test_what_is_added_is_followed(sample: Sample) -> None:
    """The new size and head are those of the newest checkpoint, from any start."""
    size = 9
    assert check(sample, at(sample, size)) == at(sample, size)
    ordinary(sample, 2)
    sample.number()
    assert check(sample, at(sample, size)) == at(sample, 27)
    assert check(sample, at(sample, 1)) == at(sample, 27)


def test_one_check_reads_so_much_and_the_next_one_the_rest(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst of entries takes several checks, none of which claims more than it read."""
    monkeypatch.setattr(growth, "MOST", 4)
    first = check(sample, at(sample, 2))
    assert first == at(sample, 6)
    assert check(sample, first) == at(sample, 9)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE events SET payload = replace(payload, 'report', 'nothing') WHERE seq = 7", "edited: entry 6"),
        ("DELETE FROM events WHERE seq = 7", "edited: entry 6"),
        ("DELETE FROM leaves WHERE leaf = 6", "dropped: entries 6 to 6"),
        ("UPDATE leaves SET hash = replace(hash, substr(hash, 1, 1), 'f') WHERE leaf = 1", "replaced: the first 5"),
        ("DELETE FROM checkpoints", "not this key's"),
        ("UPDATE checkpoints SET note = replace(note, 'test/log', 'test/lag')", "not this key's"),
    ],
)
def test_meddling_with_what_came_since_shows(sample: Sample, statement: str, told: str) -> None:
    """An entry that was changed, taken out or put in another tree, and a checkpoint that is not the log's."""
    since = at(sample, 5)
    change(sample, statement)
    found = check(sample, since)
    assert len(found.findings) >= 1
    assert told in found.findings[0]


def test_a_log_that_lost_its_end_shows(sample: Sample) -> None:
    """An older copy of the store, put back, is shorter than what was checked."""
    since = at(sample, 9)
    assert "cut off: 10 entries" in check(sample, Growth(10, since.root)).findings[0]


def test_an_erased_text_is_no_edit(sample: Sample) -> None:
    """What erasure put in a record's place is left to the full check, which asks the log who did it."""
    since = at(sample, 5)
    change(sample, "INSERT INTO erasures (seq, turn, payload, at) VALUES (7, 1, '{}', 1)")
    change(sample, "UPDATE events SET payload = '{}' WHERE seq = 7")
    assert check(sample, since) == at(sample, 9)


def test_a_pruned_record_is_no_edit(sample: Sample) -> None:
    """A record that retention took away is none that is missing; one above its minimum is."""
    since = at(sample, 5)
    change(sample, "INSERT INTO retention (minimum, at) VALUES (7, 1)")
    change(sample, "DELETE FROM events WHERE seq = 7")
    assert check(sample, since) == at(sample, 9)
    change(sample, "DELETE FROM events WHERE seq = 8")
    assert check(sample, since).findings == ("edited: entry 7",)
