"""Values of the source `static`: sealed rows, changed by an administrator's `broker static`, each change recorded.

No function here gives a value to anybody but the source; a value is bound to its name and version, so that a row that
is copied to another name or put back under another version does not open.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import sqlalchemy as sa

from broker.errors import Conflict, NotFound
from broker.store.database import Database
from broker.store.log import append
from broker.store.rows import OPEN_LEASES
from broker.store.sealed import Sealer
from broker.store.tables import leases, static_values
from secretguard.errors import ConfigError
from secretguard.secret import Secret

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
MAX_BYTES = 64 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """What is told of a value: its name, how often it was set, who set it last, and when (Unix seconds)."""

    name: str
    version: int
    by: str
    at: int


class StaticValues:
    """The values of one store. Safe to share between threads."""

    def __init__(self, database: Database, sealer: Sealer, clock: Callable[[], float]) -> None:
        self._database, self._sealer, self._clock = database, sealer, clock

    def set(self, name: str, value: Secret, by: str) -> Kept:
        """Keep a new value. Raises ConfigError (no name, no value), Conflict (there is one), RecordFailed."""
        return self._keep(name, value, by, 1, "broker:static:set")

    def rotate(self, name: str, value: Secret, by: str) -> Kept:
        """Put another value in a kept one's place. Raises ConfigError, NotFound, Conflict (changed meanwhile)."""
        return self._keep(name, value, by, self._read(name).version + 1, "broker:static:rotated")

    def remove(self, name: str, by: str) -> None:
        """Forget a value. Raises NotFound, RecordFailed."""
        with self._database.write() as tx:
            if tx.execute(static_values.delete().where(static_values.c.name == name)).rowcount != 1:
                raise _unknown(name)
            append(tx, "broker:static:removed", "", self._clock(), {"name": name, "by": by})

    def all(self) -> list[Kept]:
        """What is kept, by name."""
        columns = (static_values.c.name, static_values.c.version, static_values.c.by, static_values.c.at)
        with self._database.read() as tx:
            return [Kept(*row) for row in tx.execute(sa.select(*columns).order_by(static_values.c.name))]

    def held(self, name: str) -> int:
        """How many leases of this value are open: whoever injects them may still have it in memory."""
        source = (leases.c.source == "static") | leases.c.source.startswith("static@")  # a tenant's (broker/tenant.py)
        mine = source & leases.c.accessor.startswith(f"{name}@", autoescape=True)
        living = leases.c.state.in_([state.value for state in OPEN_LEASES]) & (leases.c.expires_at > self._clock())
        with self._database.read() as tx:
            return int(tx.execute(sa.select(sa.func.count()).select_from(leases).where(mine & living)).scalar_one())

    def value(self, name: str) -> tuple[Secret, int]:
        """The value and its version, for the source alone. Raises NotFound, SourceFailed (it does not open)."""
        row = self._read(name)
        return self._sealer.unseal(_bound(name, row.version), row.ciphertext), row.version

    def _keep(self, name: str, value: Secret, by: str, version: int, event: str) -> Kept:
        _require(name, value)
        now = int(self._clock())
        values = {
            "version": version,
            "ciphertext": self._sealer.seal(_bound(name, version), value),
            "by": by,
            "at": now,
        }
        with self._database.write() as tx:
            if version == 1:
                if tx.execute(sa.select(static_values.c.name).where(static_values.c.name == name)).first():
                    fix = f"`broker static rotate {name}` puts another one in its place"
                    raise Conflict(f"there is a value {name!r} already", fix, rule="static")
                tx.execute(static_values.insert().values(name=name, **values))
            else:
                here = (static_values.c.name == name) & (static_values.c.version == version - 1)
                if tx.execute(static_values.update().where(here).values(**values)).rowcount != 1:
                    raise Conflict(f"{name!r} was changed meanwhile", "look, and do it again", rule="static")
            append(tx, event, "", self._clock(), {"name": name, "version": version, "by": by})
        return Kept(name, version, by, now)

    def _read(self, name: str) -> sa.Row[tuple[object, ...]]:
        with self._database.read() as tx:
            row = tx.execute(sa.select(static_values).where(static_values.c.name == name)).first()
        if row is None:
            raise _unknown(name)
        return row


def _bound(name: str, version: int) -> str:
    return f"static:{name}:{version}"


def _require(name: str, value: Secret) -> None:
    if not NAME.fullmatch(name):
        raise ConfigError(f"{name[:64]!r} is no name", "up to 64 of a-z, 0-9, _ and -, the first no sign")
    if not value.reveal() or len(value.reveal().encode()) > MAX_BYTES:
        raise ConfigError(f"the value is empty, or longer than {MAX_BYTES} bytes", "send the value alone on stdin")


def _unknown(name: str) -> NotFound:
    return NotFound(f"no static value {name[:64]!r}", "`broker static list` shows them", rule="unknown-static")
