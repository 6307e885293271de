"""Heads of journals elsewhere: forward only, by their owner only, and every contradiction is on record."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from broker import journal_heads
from broker.errors import BrokerError, Conflict, RecordFailed, TooMany
from broker.journal_heads import MAX_SOURCES, Head, known_heads, pin_of, receive
from broker.store.database import Database, open_database
from broker.store.tables import events
from broker.testing import FaultyDatabase, ManualClock
from secretguard.audit import pin as pins
from secretguard.audit.journal import FILE, Journal
from secretguard.audit.verify import INTACT, TAMPERED, verify
from secretguard.rawjson import dumps
from tests.broker.stores import KINDS, fresh_url

A, B = "a" * 64, "b" * 64


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An open store of each kind."""
    opened = open_database(fresh_url(request.param, tmp_path, request))
    yield opened
    opened.close()


def taken(database: Database, head: Head, caller: str = "unix:1000", source: str = "laptop", at: float = 100.0) -> str:
    """`new`, `known`, or the kind of refusal."""
    try:
        return "new" if receive(database, lambda: at, caller, source, head) else "known"
    except BrokerError as no:
        return type(no).__name__


def record(database: Database) -> list[dict[str, object]]:
    """What was recorded, oldest first."""
    with database.read() as tx:
        found = tx.execute(sa.select(events.c.payload).order_by(events.c.seq)).scalars().all()
    return [json.loads(text) for text in found]


def test_a_journal_goes_forward(database: Database) -> None:
    """Each new head is recorded; the same one again is heard of and not recorded."""
    heads = [Head(A, 1, A), Head(A, 5, B), Head(A, 5, B), Head(A, 6, A)]
    assert [taken(database, head, at=100 + at) for at, head in enumerate(heads)] == ["new", "new", "known", "new"]
    assert [(one["event"], one["seq"]) for one in record(database)] == [("journal:head:received", n) for n in (1, 5, 6)]


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (Head(A, 4, A), "goes back to record 4"),
        (Head(A, 1, A), "goes back to record 1"),
        (Head(A, 5, A), "another hash"),
        (Head(B, 9, A), "another journal"),
        (Head(B, 5, B), "another journal"),
    ],
)
def test_a_contradiction_is_recorded_and_refused(head: Head, reason: str, database: Database) -> None:
    """Rollback, fork and replacement: a conflict with both sides on record, and what was known stays known."""
    assert taken(database, Head(A, 5, B)) == "new"
    with pytest.raises(Conflict, match=reason):
        receive(database, lambda: 200.0, "unix:1000", "laptop", head)
    last = record(database)[-1]
    assert (last["event"], last["seq"], last["known_seq"]) == ("journal:head:conflict", head.seq, 5)
    assert (last["hash"], last["known_hash"], last["caller"], last["source"]) == (head.hash, B, "unix:1000", "laptop")
    (known,) = known_heads(database, 250)
    assert (known["seq"], known["conflicts"], known["age"]) == (5, 1, 150), "a contradiction is no sign of life"
    assert taken(database, Head(A, 6, A)) == "new"


def test_nobody_speaks_for_anothers_journal(database: Database) -> None:
    """The same name from two callers is two journals; one caller's names are apart, too."""
    assert taken(database, Head(A, 9, A)) == "new"
    assert taken(database, Head(B, 1, B), caller="unix:1001") == "new"
    assert taken(database, Head(B, 1, B), source="desktop") == "new"
    assert len(known_heads(database, 100)) == 3


def test_silence_shows(database: Database) -> None:
    """The longest silent comes first, with its age."""
    for at, source in enumerate(("one", "two", "three")):
        taken(database, Head(A, 1, A), source=source, at=100.0 + at)
    taken(database, Head(A, 1, A), source="one", at=500.0)
    assert [(one["source"], one["age"]) for one in known_heads(database, 600)] == [
        ("two", 499),
        ("three", 498),
        ("one", 100),
    ]


def test_a_callers_journals_are_counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names cannot be made up without end; the known ones go on, and other callers have their own."""
    monkeypatch.setattr(journal_heads, "MAX_SOURCES", 2)
    for source in ("one", "two"):
        assert taken(database, Head(A, 1, A), source=source) == "new"
    assert taken(database, Head(A, 1, A), source="three") == TooMany.__name__
    assert taken(database, Head(A, 2, B), source="two") == "new"
    assert taken(database, Head(A, 1, A), caller="unix:1001", source="three") == "new"
    assert MAX_SOURCES == 100


def test_many_at_once(database: Database) -> None:
    """Two forks of one journal, sent by many at the same moment: one of them is the known one, all others conflict."""
    answers: list[str] = []
    forks = [Head(A, 3, fork) for fork in (A, B) * 6]
    threads = [threading.Thread(target=lambda head=head: answers.append(taken(database, head))) for head in forks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == ["Conflict"] * 6 + ["known"] * 5 + ["new"]
    assert len(record(database)) == 7


def test_no_record_no_head(tmp_path: Path) -> None:
    """Where it cannot be recorded it is not known either, and the sender hears so."""
    database = FaultyDatabase(open_database(f"sqlite:///{tmp_path}/s/broker.db").engine, fail_at=0, how="refuse")
    with pytest.raises(RecordFailed):
        receive(database, ManualClock(), "unix:1000", "laptop", Head(A, 1, A))
    assert known_heads(database, 0) == []


@pytest.fixture(scope="module")
def one_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An open store for many examples, each with a journal of its own."""
    opened = open_database(f"sqlite:///{tmp_path_factory.mktemp('heads')}/s/broker.db")
    yield opened
    opened.close()


@settings(deadline=None, max_examples=40)
@given(steps=st.lists(st.tuples(st.integers(1, 4), st.sampled_from([A, B])), max_size=12))
def test_what_is_known_never_goes_back(steps: list[tuple[int, str]], one_database: Database) -> None:
    """Any sequence of heads: the known number never falls, and its hash never changes but with the number."""
    known, caller = (0, ""), secrets.token_hex(8)
    for seq, digest in steps:
        answer = taken(one_database, Head(A, seq, digest), caller)
        expected = "new" if seq > known[0] else "known" if (seq, digest) == known else "Conflict"
        assert answer == expected
        known = (seq, digest) if answer == "new" else known


def test_the_known_head_convicts_a_rewritten_journal(tmp_path: Path) -> None:
    """A journal written anew, longer than before, is consistent in itself; the pin of its last known head shows it."""
    honest, forged = (tmp_path / name for name in ("honest", "forged"))
    for _ in range(3):
        Journal(str(honest)).append("policy:set:compiled", {"digest": "d"})
    seen = verify(str(honest))
    pin = pins.read(dumps(pin_of(Head(seen.first, seen.records, seen.last), 1_800_000_000)).encode(), "pin.json")
    Journal(str(honest)).append("policy:set:compiled", {"digest": "e"})
    assert verify(str(honest), pin).outcome == INTACT
    for _ in range(9):
        Journal(str(forged)).append("policy:set:compiled", {"digest": "other"})
    assert (forged / FILE).exists()
    assert verify(str(forged), pin).outcome == TAMPERED
