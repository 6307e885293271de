"""A copy of an SQLite store that is in use."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from broker.store.copy import copy_sqlite
from broker.store.database import attach_database
from broker.testing import memory_broker, task_policy
from secretguard.errors import ConfigError
from tests.broker.scenario import DB, active_task


def test_a_copy_under_load_is_whole(tmp_path: Path) -> None:
    """Taken while tasks are started: it opens as a store, and has every task together with its record, or neither."""
    broker = memory_broker(str(tmp_path / "s"), {"work": task_policy(DB)}, {})
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            active_task(broker)

    active_task(broker)
    worker = threading.Thread(target=work)
    worker.start()
    try:
        records = copy_sqlite(f"sqlite:///{tmp_path}/s/broker.db", tmp_path / "copy.db")
    finally:
        stop.set()
        worker.join(20)
    assert records >= 2
    assert stat.S_IMODE(os.stat(tmp_path / "copy.db").st_mode) == 0o600
    assert not list(tmp_path.glob("copy.db-*"))
    attach_database(f"sqlite:///{tmp_path}/copy.db").close()
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        tasks = copy.execute("SELECT count(*) FROM tasks").fetchone()[0]
        told = copy.execute("SELECT count(*) FROM events WHERE event = 'broker:task:created'").fetchone()[0]
    copy.close()
    assert tasks == told > 0


@pytest.mark.parametrize(
    ("url", "to", "says"),
    [
        ("postgresql://x/y", "copy", "pg_dump"),
        ("sqlite:///{folder}/nothing.db", "copy", "no such store"),
        ("sqlite:///{folder}/s/broker.db", "there", "File exists"),
        ("sqlite:///{folder}/s/broker.db", "link", "File exists"),
        ("sqlite:///{folder}/s/broker.db", "no/folder", "No such file"),
        ("sqlite:///{folder}/noise.db", "copy", "the copy failed"),
    ],
)
def test_what_cannot_be_copied_leaves_nothing(tmp_path: Path, url: str, to: str, says: str) -> None:
    """No overwriting, no following of links, no empty file beside an error."""
    memory_broker(str(tmp_path / "s"), {}, {})
    (tmp_path / "there").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    (tmp_path / "noise.db").write_bytes(b"no database " * 1000)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ConfigError) as refused:
        copy_sqlite(url.format(folder=tmp_path), tmp_path / to)
    assert says in str(refused.value)
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "there").read_text() == "mine"
