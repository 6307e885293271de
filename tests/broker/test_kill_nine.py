"""`broker serve` is killed with SIGKILL under load, again and again: no credential without a record, no orphan."""

from __future__ import annotations

import contextlib
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from broker.errors import BrokerError
from broker.issue import vault_accessors
from broker.store.database import attach_database
from broker.store.tables import events, leases
from tests.broker.served import Served
from tests.servers.provision import Provisioned

pytestmark = [pytest.mark.vault, pytest.mark.slow, pytest.mark.timeout(600)]

KILLS = int(os.environ.get("SECRETGUARD_KILLS", "10"))
"""How often; the figures of the design take hundreds."""

WORKERS = 3

TASK = """
name = "work"
environment = "development"
deadline = 3600
launchers = ["unix:*"]
[grants.notes]
source = "vault_token"
scope = {{ policy = "{policy}" }}
ttl = 1800
max_leases = 100
"""


@pytest.fixture
def served(ready_vault: Provisioned) -> Iterator[Served]:
    """Files of a broker with SQLite and a real Vault; not running yet."""
    with tempfile.TemporaryDirectory() as folder:
        text = TASK.format(policy=ready_vault.token_grant.scope["policy"])
        store = f"sqlite:///{folder}/store/broker.db"
        made = Served(Path(folder), store, {"work": text}, ready_vault.toml())
        yield made


def test_sigkill_under_load_leaves_nothing_unrecorded_and_no_orphan(served: Served, ready_vault: Provisioned) -> None:
    """After each kill every token at Vault has its intent on record; after the last restart a kill switch leaves none
    alive, those whose answer was lost included."""
    chance, issued = random.Random(7), 0
    for _ in range(KILLS):
        process = served.start()
        stop = threading.Event()
        workers = [threading.Thread(target=work, args=(served, stop)) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        time.sleep(0.2 + chance.random())
        process.kill()
        process.wait(20)
        stop.set()
        for worker in workers:
            worker.join(60)
        found = alive(served, ready_vault)
        issued += len(found)
        assert found <= recorded_intents(served)
    assert issued, "the load reached Vault"
    with served.running(), served.client("olga") as operator:
        operator.kill_scope("all", "end of the test")
        until = time.monotonic() + 60
        while left := alive(served, ready_vault):
            assert time.monotonic() < until, f"{len(left)} orphans"
            operator.kill_scope("all", "end of the test")
            time.sleep(1)
    assert released(served) <= recorded_intents(served)


def work(served: Served, stop: threading.Event) -> None:
    """Start tasks and ask for credentials until the broker is gone."""
    while not stop.is_set():
        with contextlib.suppress(BrokerError), served.client() as client:
            started = client.start_task("work", "load")
            session = client.activate(started.task_id, started.bootstrap)
            for _ in range(4):
                session.credentials("notes")


def alive(served: Served, ready_vault: Provisioned) -> set[str]:
    """Intents of the tokens that live at Vault for this broker's tasks, parents by their task."""
    mine = tasks_of(served)
    found = vault_accessors.sweep(ready_vault.vaults.revoker, lambda meta: meta.get("task") in mine)
    return {token.meta.get("intent") or f"parent of {token.meta['task']}" for token in found}


def recorded_intents(served: Served) -> set[str]:
    """Leases and parents whose intent is on record."""
    records = [json.loads(payload) for payload in query(served, sa.select(events.c.payload))]
    made = {record["lease"] for record in records if record["event"] == "broker:lease:intended"}
    return made | {f"parent of {record['task']}" for record in records if record["event"] == "broker:parent:intended"}


def released(served: Served) -> set[str]:
    """Leases that were ever issued."""
    records = [json.loads(payload) for payload in query(served, sa.select(events.c.payload))]
    return {record["lease"] for record in records if record["event"] == "broker:lease:issued"}


def tasks_of(served: Served) -> set[str]:
    """All tasks of this broker; leases name none that is not among them."""
    return set(query(served, sa.select(events.c.task_id))) | set(query(served, sa.select(leases.c.task_id)))


def query(served: Served, select: sa.Select[tuple[str]]) -> list[str]:
    """One column, read beside the broker."""
    database = attach_database(f"sqlite:///{served.folder}/store/broker.db")
    with database.read() as tx:
        found = list(tx.execute(select).scalars())
    database.close()
    return found
