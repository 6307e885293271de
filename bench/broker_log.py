"""How many events a second the broker's log takes on a real PostgreSQL: committed, numbered and under a checkpoint.

As many replicas as there are, each a process with the broker's own store code and some connections, write at once, so
that the server can commit several transactions by one write to the disk. One transaction is like the release of a
credential: a row changes, and two events are recorded. Beside them one sequencer numbers and signs once a second, as
`broker serve` does. The clock stops when the last event is under a signed checkpoint. The server runs with fsync and
synchronous commits, on the same cores as those who write. The reference is the same transactions into a table without
triggers, with nobody who numbers.
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.needs import Needs
from broker.store.database import Database, open_database
from broker.store.log import BATCH, Signer, sequence
from broker.store.verify import verify
from scripts import parts
from tests.servers.postgres import PostgresServer, running_postgres

ROOT = str(Path(__file__).resolve().parents[1])
REPLICAS, CONNECTIONS = 2, 16
"""Processes that write, and connections of each (a broker has up to 20): 32 writers, as in the journal's own figure."""

TRANSACTIONS = 375
"""Of each connection."""

EVENTS = 2 * REPLICAS * CONNECTIONS * TRANSACTIONS
EVERY_SECONDS = 1.0
"""How often `broker serve` numbers."""
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "128MB"}

WRITER = """
import sys
from concurrent.futures import ThreadPoolExecutor
sys.path.insert(0, sys.argv[1])
from broker.store.database import Database, _engine
from broker.store import log
replica, connections, count, kind = int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
database = Database(_engine(sys.stdin.readline().strip(), create=False))
if kind == "plain":
    log.INSERT_EVENTS = log.INSERT_EVENTS.replace("events", "plain_events")
fields = {"lease": "lease-" + "0" * 24, "accessor": "a" * 24, "expires_at": 1_800_000_000}
def work(number, count):
    task = f"task-{number:024}"
    for turn in range(count):
        with database.write() as tx:
            tx.exec_driver_sql("UPDATE bench_rows SET state = %s WHERE id = %s", (str(turn), number))
            log.append_all(tx, task, 1.8e9, [("broker:lease:minted", fields), ("broker:lease:issued", fields)])
numbers = range(replica * connections, (replica + 1) * connections)
with ThreadPoolExecutor(connections) as pool:
    list(pool.map(lambda number: work(number, 8), numbers))  # connects, and lets the server prepare the statements
    print("ready", flush=True)
    sys.stdin.readline()
    list(pool.map(lambda number: work(number, count), numbers))
"""


@dataclasses.dataclass(frozen=True)
class Rates:
    """Events a second with the log and into a plain table; `events` is how many stand behind the first."""

    log: float
    plain: float
    events: int


def measure() -> Rates:
    """Both rates, one after the other on one server. Raises Needs without a PostgreSQL."""
    program = parts.find("postgres")
    if program is None:
        raise Needs("a PostgreSQL server: make parts")
    with running_postgres(program, DURABLE) as server:
        database = _prepared(server)
        try:
            plain = _rate(server, database, "plain")
            return Rates(_rate(server, database, "log"), plain, EVENTS)
        finally:
            database.close()


def _prepared(server: PostgresServer) -> Database:
    database = open_database(server.url())
    with server.connect() as link:
        link.execute("CREATE TABLE bench_rows (id integer PRIMARY KEY, state text)")
        link.execute(f"INSERT INTO bench_rows SELECT n, '' FROM generate_series(0, {REPLICAS * CONNECTIONS}) n")
        link.execute("CREATE TABLE plain_events (LIKE events INCLUDING ALL)")
    return database


def _rate(server: PostgresServer, database: Database, kind: str) -> float:
    signer = Signer("bench/log", Ed25519PrivateKey.generate())
    writers = [_writer(server, number, kind) for number in range(REPLICAS)]
    _drain(database, signer)  # the warm-up's
    before = _numbered(database)
    began = time.perf_counter()
    for one in writers:
        _say(one, "go")
    due = began + EVERY_SECONDS
    while any(one.poll() is None for one in writers):
        if kind == "log" and time.perf_counter() >= due:
            _drain(database, signer)
            due = time.perf_counter() + EVERY_SECONDS
        time.sleep(0.02)
    _drain(database, signer)
    took = time.perf_counter() - began
    if any(one.returncode for one in writers):
        raise RuntimeError("a writer of the bench failed")
    if kind == "log":
        found = verify(database, signer.public_key, None)
        if _numbered(database) - before != EVENTS or found.word != "intact":
            raise RuntimeError(f"the log is {found.word} after the bench: {found.findings[:3]}")
    return EVENTS / took


def _writer(server: PostgresServer, number: int, kind: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, ROOT, *map(str, (number, CONNECTIONS, TRANSACTIONS)), kind]
    one = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    _say(one, server.url())
    if one.stdout is None or one.stdout.readline() != "ready\n":
        raise RuntimeError("a writer of the bench did not start")
    return one


def _say(one: subprocess.Popen[str], line: str) -> None:
    if one.stdin is not None:
        one.stdin.write(f"{line}\n")
        one.stdin.flush()


def _drain(database: Database, signer: Signer) -> None:
    while sequence(database, signer, time.time) == BATCH:
        pass


def _numbered(database: Database) -> int:
    with database.read() as tx:
        return int(tx.execute(sa.text("SELECT count(*) FROM leaves")).scalar_one())
