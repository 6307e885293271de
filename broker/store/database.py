"""Open the store: SQLite (embedded) or PostgreSQL, the same code. Every failure to write is a RecordFailed.

SQLite runs in WAL mode with synchronous=FULL (a commit survives power loss) and takes its one writer at BEGIN, so that
what a transition reads cannot change before it writes. PostgreSQL rows are locked where a transition starts.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.pool import ConnectionPoolEntry

from broker.errors import RecordFailed
from broker.store.in_order import InOrder
from broker.store.prepared import run_text
from secretguard.errors import ConfigError
from secretguard.places import private_dir

WAIT_SECONDS = 5
IDLE_SECONDS = 1.0
SEQUENCER_LOCK = 0x5EC2E7
"""Key of the PostgreSQL advisory lock that whoever numbers the leaves holds; SQLite's single writer is that lock."""


class Database:
    """The store's connection pool. Safe to share between threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._writers = InOrder()

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @property
    def _one_snapshot(self) -> dict[str, Any]:
        """PostgreSQL's default would let each statement of a read see another state; SQLite's does not."""
        repeatable = {"isolation_level": "REPEATABLE READ"} if self.kind == "postgresql" else {}
        return {"read_only": True, **repeatable}

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction: all of it is durable when the block ends, or none. Raises RecordFailed."""
        try:
            with self._turn(), self.engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise RecordFailed(f"the store refused a write ({_kind(error)})", "see `broker serve`'s readyz") from None

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent read. Raises RecordFailed."""
        try:
            with self.engine.connect() as connection:
                yield connection.execution_options(**self._one_snapshot)
        except sa.exc.SQLAlchemyError as error:
            raise RecordFailed(f"the store cannot be read ({_kind(error)})", "see `broker serve`'s readyz") from None

    def insert_once(self, insert: sa.Insert) -> bool:
        """Insert one row; False when its key exists already. Raises RecordFailed."""
        try:
            with self._turn(), self.engine.begin() as connection:
                connection.execute(insert)
        except sa.exc.IntegrityError:
            return False
        except sa.exc.SQLAlchemyError as error:
            raise RecordFailed(f"the store refused a write ({_kind(error)})", "see `broker serve`'s readyz") from None
        return True

    def _turn(self) -> contextlib.AbstractContextManager[object]:
        """SQLite has one writer and no queue for it; other processes it keeps out itself."""
        return self._writers.turn(WAIT_SECONDS) if self.kind == "sqlite" else contextlib.nullcontext()

    def lock_sequencer(self, connection: sa.Connection) -> None:
        """Wait until no other replica numbers leaves; the lock ends with the transaction."""
        if self.kind == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SEQUENCER_LOCK)))

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Connect to `sqlite:///PATH` or `postgresql://...` and bring its tables up to date.

    Raises ConfigError for another kind of URL and when the store cannot be reached or migrated.
    """
    engine = _engine(url, create=True)
    try:
        migrate(engine)
    except sa.exc.SQLAlchemyError as error:
        engine.dispose()
        fix = "check store.url and its rights; tables of another owner are brought up to date by `broker store setup`"
        raise ConfigError(f"the store cannot be opened ({_kind(error)})", fix) from None
    return Database(engine)


def attach_database(url: str) -> Database:
    """As `open_database` for a store that exists: nothing is created or migrated, so a typing error makes no empty log.

    Raises ConfigError.
    """
    engine = _engine(url, create=False)
    try:
        with engine.connect() as connection:
            connection.execution_options(read_only=True).execute(sa.text("SELECT 1 FROM events LIMIT 1"))
    except sa.exc.SQLAlchemyError as error:
        engine.dispose()
        raise ConfigError(f"this is not a broker's store ({_kind(error)})", "check the path or store.url") from None
    if not sa.inspect(engine).has_table("leaves"):
        engine.dispose()
        raise ConfigError("this store is an older broker's", "start this version once, or run `broker store setup`")
    return Database(engine)


def _engine(url: str, create: bool) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise ConfigError("store.url is not a database URL", "use sqlite:///PATH or postgresql://...") from None
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return _sqlite(parsed, create)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed)
    raise ConfigError(f"store.url: {parsed.get_backend_name()} is not supported", "use sqlite or postgresql")


def migrate(engine: sa.Engine, revision: str = "head") -> None:
    """Apply the migrations that ship in the package up to `revision`, one process at a time."""
    config = Config()
    config.set_main_option("script_location", "broker.store:migrations")
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SEQUENCER_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _sqlite(url: sa.URL, create: bool) -> sa.Engine:
    path = os.path.abspath(str(url.database))
    if create:
        private_dir(os.path.dirname(path))
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # ours alone before SQLite writes the first page
    elif not os.path.exists(path):
        raise ConfigError(f"{path}: no such store", "give --state or --config")
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": WAIT_SECONDS, "isolation_level": None})

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: ConnectionPoolEntry) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        kind = "DEFERRED" if connection.get_execution_options().get("read_only") else "IMMEDIATE"
        run_text(connection, f"BEGIN {kind}", ())  # the driver itself: nothing here needs more

    return engine


def _postgresql(url: sa.URL) -> sa.Engine:
    limits = f"-c statement_timeout={WAIT_SECONDS}s -c lock_timeout={WAIT_SECONDS}s"
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=10,
        max_overflow=10,
        pool_timeout=WAIT_SECONDS,
        connect_args={"connect_timeout": WAIT_SECONDS, "options": limits},
    )
    _ping_idle(engine)
    return engine


def _ping_idle(engine: sa.Engine) -> None:
    """Ask a connection whether it lives before it is used, where it was idle: each time would be a tenth of a write."""

    @sa.event.listens_for(engine, "checkin")
    def _since(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def _alive(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get("idle_since", math.inf) < IDLE_SECONDS or connection is None:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            raise sa.exc.DisconnectionError from None  # the pool makes a new one


def _kind(error: Exception) -> str:
    """The error's class alone: a driver's text may quote the values of a statement."""
    return type(getattr(error, "orig", None) or error).__name__
