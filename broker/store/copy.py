"""A copy of an SQLite store while it is in use: whole, checked, and for its owner alone."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from secretguard.errors import ConfigError

WAIT_SECONDS = 30.0
PAGES, PAUSE = 1000, 0.01
"""So many pages a step, and seconds between two steps: writers go on meanwhile."""


def copy_sqlite(url: str, to: Path) -> int:
    """Write a copy of the store at `url` to `to`, which must not exist; how many records it has.

    SQLite's own online backup: what is committed when it ends is in it, and no half of a transaction is. Raises
    ConfigError for another kind of store, a file that is there, one that cannot be written, or a copy that is damaged.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ConfigError("this store is not SQLite's", "copy it with `pg_dump --format=custom`")
    source = os.path.abspath(parsed.database)
    if not os.path.exists(source):
        raise ConfigError(f"{source}: no such store", "give the configuration of `broker serve`")
    try:
        os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    except OSError as error:
        raise ConfigError(f"{to}: {error.strerror}", "name a new file in a folder of yours") from None
    try:
        return _copied(source, to)
    except sqlite3.Error as error:
        to.unlink()
        raise ConfigError(f"{to}: the copy failed ({type(error).__name__})", "is there room for it?") from None
    except BaseException:
        to.unlink()
        raise


def _copied(source: str, to: Path) -> int:
    with (
        contextlib.closing(sqlite3.connect(source, timeout=WAIT_SECONDS)) as old,
        contextlib.closing(sqlite3.connect(to, timeout=WAIT_SECONDS)) as new,
    ):
        old.backup(new, pages=PAGES, sleep=PAUSE)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, with no second one that must go along
        if new.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise ConfigError(f"{to}: the copy is damaged", "look at the disk, then at the store itself")
        records = int(new.execute("SELECT count(*) FROM events").fetchone()[0])
    with open(to, "rb") as file:
        os.fsync(file.fileno())
    return records
