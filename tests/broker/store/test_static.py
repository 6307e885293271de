"""Values of the source `static` in the store: sealed, recorded, never given back."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from broker.errors import Conflict, NotFound, RecordFailed, SourceFailed
from broker.store.database import Database, open_database
from broker.store.sealed import Sealer
from broker.store.static import MAX_BYTES, StaticValues
from broker.store.tables import events, static_values
from broker.testing import FaultyDatabase, ManualClock
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.broker.stores import KINDS, fresh_url

SEALER = Sealer(b"k" * 32)
VALUE = Secret("made-up-" + "Zx81" * 6)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_database(f"sqlite:///{tmp_path}/broker.db")


@pytest.fixture
def values(database: Database) -> StaticValues:
    return StaticValues(database, SEALER, ManualClock())


def recorded(database: Database) -> list[str]:
    """The names of the events, oldest first, and that none has the value."""
    with database.read() as tx:
        rows = tx.execute(sa.select(events.c.event, events.c.payload).order_by(events.c.seq)).all()
    assert all(VALUE.reveal() not in row.payload for row in rows)
    return [row.event for row in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_is_kept_changed_and_removed(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Each step with its event in the same commit; the store itself never holds it in clear."""
    database = open_database(fresh_url(kind, tmp_path, request))
    values = StaticValues(database, SEALER, ManualClock())
    assert values.set("crates-io", VALUE, "unix:7").version == 1
    assert values.value("crates-io")[0].reveal() == VALUE.reveal()
    assert values.rotate("crates-io", Secret("another"), "unix:8").version == 2
    found, version = values.value("crates-io")
    assert (found.reveal(), version) == ("another", 2)
    assert [(one.name, one.version, one.by) for one in values.all()] == [("crates-io", 2, "unix:8")]
    values.remove("crates-io", "unix:7")
    with pytest.raises(NotFound):
        values.value("crates-io")
    assert values.all() == []
    assert recorded(database) == [f"broker:static:{step}" for step in ("set", "rotated", "removed")]


def test_no_value_is_overwritten_by_mistake(values: StaticValues, database: Database) -> None:
    """`set` is for a new name, `rotate` and `remove` for a kept one; what is refused leaves no event."""
    values.set("one", VALUE, "unix:7")
    with pytest.raises(Conflict, match="already"):
        values.set("one", Secret("other"), "unix:7")
    with pytest.raises(NotFound):
        values.rotate("two", VALUE, "unix:7")
    with pytest.raises(NotFound):
        values.remove("two", "unix:7")
    assert values.value("one")[0].reveal() == VALUE.reveal()
    assert recorded(database) == ["broker:static:set"]


@pytest.mark.parametrize("name", ["", "Upper", "../x", "a b", "-x", "a" * 65, "a@1"])
def test_a_name_is_a_plain_word(values: StaticValues, name: str) -> None:
    """It stands in grants, events and accessors."""
    with pytest.raises(ConfigError, match="is no name"):
        values.set(name, VALUE, "unix:7")


@pytest.mark.parametrize(
    "value", ["", "x" * (MAX_BYTES + 1), "é" * (MAX_BYTES // 2 + 1)], ids=["empty", "long", "wide"]
)
def test_a_value_has_a_size(values: StaticValues, value: str) -> None:
    """Nothing, and too much, are mistakes of whoever piped it in; the longest that fits is kept whole."""
    with pytest.raises(ConfigError, match="is empty, or longer"):
        values.set("one", Secret(value), "unix:7")
    values.set("two", Secret("x" * MAX_BYTES), "unix:7")
    assert len(values.value("two")[0].reveal()) == MAX_BYTES


def test_a_row_opens_only_as_what_it_is(values: StaticValues, database: Database) -> None:
    """Whoever can write the store can neither copy a value to another name nor bring back an older version."""
    values.set("open", Secret("harmless"), "unix:7")
    values.set("secret", VALUE, "unix:7")
    with database.read() as tx:
        first = tx.execute(sa.select(static_values.c.ciphertext).where(static_values.c.name == "secret")).scalar_one()
    with database.write() as tx:
        tx.execute(static_values.update().where(static_values.c.name == "open").values(ciphertext=first))
    with pytest.raises(SourceFailed, match="cannot be opened"):
        values.value("open")
    values.rotate("secret", Secret("newer"), "unix:7")
    with database.write() as tx:
        tx.execute(static_values.update().where(static_values.c.name == "secret").values(ciphertext=first))
    with pytest.raises(SourceFailed, match="cannot be opened"):
        values.value("secret")


def test_two_rotations_at_once_do_not_hide_each_other(
    values: StaticValues, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later one is told that there was another, instead of taking its place unseen."""
    values.set("one", VALUE, "unix:7")
    seen = values._read("one")
    monkeypatch.setattr(values, "_read", lambda _name: seen)
    StaticValues(database, SEALER, ManualClock()).rotate("one", Secret("first"), "unix:8")
    with pytest.raises(Conflict, match="meanwhile"):
        values.rotate("one", Secret("second"), "unix:9")


def test_what_cannot_be_recorded_is_not_done(tmp_path: Path) -> None:
    """A store that refuses the commit keeps neither value nor event."""
    engine = open_database(f"sqlite:///{tmp_path}/broker.db").engine
    faulty = FaultyDatabase(engine, fail_at=0)
    values = StaticValues(faulty, SEALER, ManualClock())
    with pytest.raises(RecordFailed):
        values.set("one", VALUE, "unix:7")
    assert values.all() == []
    assert recorded(faulty) == []
