"""The log's own tables: numbers apart from the records, so that nobody needs the right to change a record.

`events`, `leaves`, `subtrees`, `checkpoints` and `cosignatures` take inserts only. A record is deleted only below the
minimum that `retention` states, and a text replaced only by what `erasures` states for it; the service's role can
insert into neither (`broker/store/roles.py`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from secretguard.audit.merkle import Frontier

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("leaves", "subtrees", "checkpoints", "cosignatures", "retention", "erasures")

SQLITE = (
    """CREATE TRIGGER events_append_only BEFORE UPDATE ON events
    WHEN NEW.seq IS NOT OLD.seq OR NEW.event IS NOT OLD.event OR NEW.task_id IS NOT OLD.task_id
      OR NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.seq = OLD.seq AND erasures.payload = NEW.payload)
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER events_kept BEFORE DELETE ON events
    WHEN NOT EXISTS (SELECT 1 FROM leaves WHERE leaves.seq = OLD.seq
      AND leaves.leaf < (SELECT max(minimum) FROM retention))
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER events_queued AFTER INSERT ON events
    BEGIN INSERT INTO unnumbered (seq) VALUES (NEW.seq); END""",
)

POSTGRESQL = (
    """CREATE FUNCTION secretguard_event_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM leaves WHERE leaves.seq = OLD.seq
          AND leaves.leaf < (SELECT max(minimum) FROM retention)) THEN
        RAISE EXCEPTION 'events are append-only';
      END IF;
      RETURN OLD;
    END $$""",
    """CREATE OR REPLACE FUNCTION secretguard_event_update() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (NEW.seq, NEW.event, NEW.task_id) IS DISTINCT FROM (OLD.seq, OLD.event, OLD.task_id)
          OR NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.seq = OLD.seq AND erasures.payload = NEW.payload) THEN
        RAISE EXCEPTION 'events are append-only';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE FUNCTION secretguard_event_queued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = {schema}, pg_temp AS $$
    BEGIN
      INSERT INTO unnumbered (seq) VALUES (NEW.seq);
      RETURN NULL;
    END $$""",
    """CREATE TRIGGER events_append_only BEFORE UPDATE ON events
    FOR EACH ROW EXECUTE FUNCTION secretguard_event_update()""",
    """CREATE TRIGGER events_kept BEFORE DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION secretguard_event_kept()""",
    """CREATE TRIGGER events_queued AFTER INSERT ON events
    FOR EACH ROW EXECUTE FUNCTION secretguard_event_queued()""",
)
"""No `%` in either: the driver would take it for a parameter."""


def upgrade() -> None:
    """Make the tables, move the numbers over, and put the triggers in place."""
    _tables()
    _keeping_tables()
    bind = op.get_bind()
    run = bind.exec_driver_sql
    run("INSERT INTO leaves (leaf, seq, hash) SELECT leaf, seq, leaf_hash FROM events WHERE leaf IS NOT NULL")
    run("INSERT INTO unnumbered (seq) SELECT seq FROM events WHERE leaf IS NULL")
    _subtrees(bind)
    (_narrow_sqlite if bind.dialect.name == "sqlite" else _narrow_postgresql)(bind)
    op.drop_column("checkpoints", "frontier")  # what it held can be told from leaves and subtrees
    for statement in (
        *(_postgresql(bind) if bind.dialect.name == "postgresql" else SQLITE),
        *_guards(bind.dialect.name),
    ):
        run(statement)


def _postgresql(bind: sa.Connection) -> list[str]:
    """The function that runs with its owner's rights finds its table where the tables are, never among a caller's
    temporary ones."""
    schema = bind.execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    return [statement.replace("{schema}", schema) for statement in POSTGRESQL]


def _tables() -> None:
    number = sa.BigInteger()
    op.create_table(
        "leaves",
        sa.Column("leaf", number, autoincrement=False, nullable=False),
        sa.Column("seq", number, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("leaf"),
        sa.UniqueConstraint("seq"),
    )
    op.create_table(
        "unnumbered",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "subtrees",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", number, autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("level", "number"),
    )


def _keeping_tables() -> None:
    number = sa.BigInteger()
    op.create_table(
        "cosignatures",
        sa.Column("size", number, autoincrement=False, nullable=False),
        sa.Column("witness", sa.String(length=300), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("at", number, nullable=False),
        sa.PrimaryKeyConstraint("size", "witness"),
    )
    op.create_table(
        "retention",
        sa.Column("minimum", number, autoincrement=False, nullable=False),
        sa.Column("at", number, nullable=False),
        sa.PrimaryKeyConstraint("minimum"),
    )
    op.create_table(
        "erasures",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("at", number, nullable=False),
        sa.PrimaryKeyConstraint("seq", "turn"),
    )
    op.create_table(
        "refusals",
        sa.Column("caller", sa.String(length=700), nullable=False),
        sa.Column("since", number, nullable=False),
        sa.Column("count", number, nullable=False),
        sa.PrimaryKeyConstraint("caller"),
    )


def _subtrees(bind: sa.Connection) -> None:
    """Heads of the complete subtrees of 256 leaves, of 65,536 and so on, of a log that was numbered before."""
    level, hashes = 0, _hashes(bind, "SELECT hash FROM leaves ORDER BY leaf")
    while len(hashes) >= 256:
        level += 8
        heads = []
        for start in range(0, len(hashes) - 255, 256):
            frontier = Frontier()
            for one in hashes[start : start + 256]:
                frontier.append(one)
            heads.append(frontier.head())
        table = sa.table("subtrees", sa.column("level"), sa.column("number"), sa.column("hash"))
        rows = [{"level": level, "number": number, "hash": head.hex()} for number, head in enumerate(heads)]
        bind.execute(table.insert(), rows)
        hashes = heads


def _hashes(bind: sa.Connection, query: str) -> list[bytes]:
    return [bytes.fromhex(one) for one in bind.exec_driver_sql(query).scalars()]


def _narrow_sqlite(bind: sa.Connection) -> None:
    """SQLite cannot drop a unique column: the table is made anew. Its counter of numbers goes along by its name."""
    run = bind.exec_driver_sql
    run("""CREATE TABLE events_new (seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, event VARCHAR(64) NOT NULL,
        task_id VARCHAR(64) NOT NULL, payload TEXT NOT NULL)""")
    run("INSERT INTO events_new (seq, event, task_id, payload) SELECT seq, event, task_id, payload FROM events")
    for trigger in ("events_append_only", "events_kept", "checkpoints_append_only", "checkpoints_kept"):
        run(f"DROP TRIGGER {trigger}")
    run("DROP TABLE events")
    run("ALTER TABLE events_new RENAME TO events")
    run("CREATE INDEX ix_events_event ON events (event)")
    run("CREATE INDEX ix_events_task_id ON events (task_id)")


def _narrow_postgresql(bind: sa.Connection) -> None:
    for trigger in ("events_append_only", "events_kept"):
        bind.exec_driver_sql(f"DROP TRIGGER {trigger} ON events")
    for trigger in ("checkpoints_append_only", "checkpoints_whole"):
        bind.exec_driver_sql(f"DROP TRIGGER {trigger} ON checkpoints")
    op.drop_column("events", "leaf")
    op.drop_column("events", "leaf_hash")


def _guards(kind: str) -> list[str]:
    """The triggers that let a table take inserts only."""
    made = []
    for table in APPEND_ONLY:
        if kind == "postgresql":
            made.append(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION secretguard_append_only()"
            )
            made.append(
                f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION secretguard_append_only()"
            )
            continue
        for name, action in (("append_only", "UPDATE"), ("kept", "DELETE")):
            made.append(
                f"CREATE TRIGGER {table}_{name} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
            )
    return made
