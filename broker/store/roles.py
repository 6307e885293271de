"""The service's rights in PostgreSQL: what it may do with each table, given by whoever owns them.

The owner (an administrator's role) makes and migrates the tables; the service logs in as another role, which cannot
change or delete what was recorded, drop a trigger, or make room by TRUNCATE. SQLite has no roles: there the triggers
alone stand between a fault of the program and the record, and whoever owns the file can undo them.
"""

from __future__ import annotations

import logging
import re

import sqlalchemy as sa

from broker.store.database import Database
from broker.store.tables import metadata
from secretguard.errors import ConfigError

log = logging.getLogger("broker.store")

RIGHTS = {
    "events": "SELECT, INSERT",
    "leaves": "SELECT, INSERT",
    "subtrees": "SELECT, INSERT",
    "checkpoints": "SELECT, INSERT",
    "cosignatures": "SELECT, INSERT",
    "retention": "SELECT",
    "erasures": "SELECT",
    "policy_history": "SELECT, INSERT",
    "policy_sets": "SELECT, INSERT",
    "unnumbered": "SELECT, DELETE",
}
"""Tables of the record; a trigger of the owner's fills `unnumbered`. Every other table holds state that changes."""

STATE = "SELECT, INSERT, UPDATE, DELETE"
ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
FORBIDDEN = {"UPDATE", "DELETE", "TRUNCATE", "TRIGGER"}


def statements(role: str) -> list[str]:
    """The statements that give `role` exactly what the service needs. Raises ConfigError for a name that is none."""
    if not ROLE.fullmatch(role):
        raise ConfigError(f"{role[:64]!r} is not a plain role name", "lower case letters, digits and _")
    made = ["REVOKE ALL ON alembic_version FROM PUBLIC", f"GRANT SELECT ON alembic_version TO {role}"]
    for table in sorted(metadata.tables):
        made.append(f"REVOKE ALL ON {table} FROM PUBLIC, {role}")
        made.append(f"GRANT {RIGHTS.get(table, STATE)} ON {table} TO {role}")
    made.append(f"REVOKE ALL ON FUNCTION secretguard_event_queued() FROM PUBLIC, {role}")  # it runs as its owner
    return [*made, f"GRANT USAGE ON SEQUENCE events_seq_seq TO {role}"]


def grant(database: Database, role: str) -> None:
    """Give `role` its rights, over a connection of the tables' owner. Raises ConfigError, RecordFailed."""
    if database.kind != "postgresql":
        raise ConfigError("SQLite has no roles", "use PostgreSQL where the service must not be able to change records")
    with database.write() as tx:
        known = tx.execute(sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar()
        if known is None:
            raise ConfigError(f"there is no role {role}", f"make it: CREATE ROLE {role} LOGIN PASSWORD ...")
        if known:
            raise ConfigError(f"{role} is a superuser: no right can be kept from it", "give the service a plain role")
        for statement in statements(role):
            tx.exec_driver_sql(statement)
    _require_bound(database, role)


def excess(database: Database) -> list[str]:
    """What the role of this connection could do to the record, in words; empty when it can only add.

    Raises RecordFailed.
    """
    if database.kind != "postgresql":
        return ["SQLite has no roles: whoever owns the file can change it"]
    with database.read() as tx:
        who = str(tx.execute(sa.text("SELECT current_user")).scalar_one())
    return _excess(database, who)


def rights(database: Database) -> str:
    """What the role of this connection may do with the record, for the record of a start; a role of PostgreSQL that
    could change it is logged: nobody runs `broker store check` unasked. Raises RecordFailed."""
    found = excess(database)
    if found and database.kind == "postgresql":
        log.warning("the store's role could %s: see `broker store setup`", "; ".join(found))
    return "could change the record" if found else "adds to the record"


def _require_bound(database: Database, role: str) -> None:
    found = _excess(database, role)
    if found:
        fix = "take it from whatever role it is a member of, and let another role own the tables"
        raise ConfigError(f"{role} still could: {'; '.join(found)}", fix)


def _excess(database: Database, role: str) -> list[str]:
    found = []
    owner = sa.text("SELECT pg_has_role(:role, relowner, 'MEMBER') FROM pg_class WHERE oid = to_regclass(:table)")
    right = sa.text(
        "SELECT has_table_privilege(:role, :table, :right)"
        " OR (:column AND has_any_column_privilege(:role, :table, 'UPDATE'))"
    )
    with database.read() as tx:
        for table, given in RIGHTS.items():
            told = {"role": role, "table": table}
            if tx.execute(owner, told).scalar():
                found.append(f"own {table}, and drop its triggers")
                continue
            asked = sorted(FORBIDDEN - set(given.split(", ")))
            rights = {name: {**told, "right": name, "column": name == "UPDATE"} for name in asked}
            found += [f"{name} on {table}" for name, values in rights.items() if tx.execute(right, values).scalar()]
    return found
