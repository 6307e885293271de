"""The first tables, and triggers that keep events and checkpoints append-only."""

from __future__ import annotations

from alembic import op

from broker.store.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQLITE = """
CREATE TRIGGER events_append_only BEFORE UPDATE ON events
WHEN NEW.seq IS NOT OLD.seq OR NEW.event IS NOT OLD.event OR NEW.task_id IS NOT OLD.task_id
  OR NEW.payload IS NOT OLD.payload OR OLD.leaf IS NOT NULL OR OLD.leaf_hash IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_kept BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER checkpoints_append_only BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER checkpoints_kept BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
"""

POSTGRESQL = """
CREATE FUNCTION secretguard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME; END $$;
CREATE FUNCTION secretguard_event_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.seq, NEW.event, NEW.task_id, NEW.payload) IS DISTINCT FROM (OLD.seq, OLD.event, OLD.task_id, OLD.payload)
     OR OLD.leaf IS NOT NULL OR OLD.leaf_hash IS NOT NULL THEN
    RAISE EXCEPTION 'events are append-only';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION secretguard_event_update();
CREATE TRIGGER events_kept BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION secretguard_append_only();
CREATE TRIGGER events_whole BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION secretguard_append_only();
CREATE TRIGGER checkpoints_append_only BEFORE UPDATE OR DELETE ON checkpoints
  FOR EACH ROW EXECUTE FUNCTION secretguard_append_only();
CREATE TRIGGER checkpoints_whole BEFORE TRUNCATE ON checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION secretguard_append_only();
"""


def upgrade() -> None:
    """Create everything; runs inside the caller's transaction."""
    bind = op.get_bind()
    metadata.create_all(bind)
    if bind.dialect.name == "postgresql":
        bind.exec_driver_sql(POSTGRESQL)
        return
    for statement in SQLITE.split("END;\n"):
        if statement.strip():
            bind.exec_driver_sql(statement + "END;")
