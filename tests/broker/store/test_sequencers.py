"""Several sequencers on one real PostgreSQL, killed at random: no number twice, none left out, nothing lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.log.signer import Signer
from broker.store.database import open_database
from broker.store.log import append, sequence
from broker.store.tables import events, leaves, unnumbered
from broker.store.verify import INTACT, verify
from tests.broker.stores import fresh_url

ROOT = str(Path(__file__).resolve().parents[3])
SEED = b"s" * 32
KILLS = 12

SEQUENCER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from broker.log.signer import Signer
from broker.store import log
from broker.store.database import Database, _engine
log.BATCH = 7
database = Database(_engine(sys.stdin.readline().strip(), create=False))
signer = Signer("test/log", Ed25519PrivateKey.from_private_bytes(b"s" * 32))
print("ready", flush=True)
while True:
    log.sequence(database, signer, time.time)
"""

WRITER = """
import random, sys
sys.path.insert(0, sys.argv[1])
from broker.store.database import Database, _engine
from broker.store.log import append_all
database = Database(_engine(sys.stdin.readline().strip(), create=False))
print("ready", flush=True)
number = 0
while True:
    try:
        with database.write() as tx:
            append_all(tx, "task-1", 1.0, [("broker:task:created", {"n": number})] * random.randint(1, 3))
            if random.random() < 0.2:
                raise ZeroDivisionError
        print(number, flush=True)
    except ZeroDivisionError:
        pass
    number += 1
"""


def started(program: str, url: str) -> subprocess.Popen[str]:
    """A process of its own that is at work."""
    one = subprocess.Popen(
        [sys.executable, "-c", program, ROOT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert one.stdin is not None
    assert one.stdout is not None
    one.stdin.write(f"{url}\n")
    one.stdin.flush()
    assert one.stdout.readline() == "ready\n"
    return one


def ended(one: subprocess.Popen[str], how: signal.Signals = signal.SIGKILL) -> list[int]:
    """Kill it; what it had acknowledged."""
    one.send_signal(how)
    told = one.communicate(timeout=30)[0]
    return [int(line) for line in told.splitlines() if line.isdigit()]


@pytest.mark.postgres
def test_killed_sequencers_leave_no_gap_and_no_number_twice(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Three of them and two writers, one of the five killed every moment; some transactions roll back."""
    url = fresh_url("postgresql", tmp_path, request)
    database = open_database(url)
    dice = random.Random(4)
    working = [started(program, url) for program in (SEQUENCER, SEQUENCER, SEQUENCER, WRITER, WRITER)]
    acknowledged = 0
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.02, 0.15))
        at = dice.randrange(len(working))
        acknowledged += len(ended(working[at]))
        working[at] = started(SEQUENCER if at < 3 else WRITER, url)
    acknowledged += sum(len(ended(one)) for one in working)
    signer = Signer("test/log", Ed25519PrivateKey.from_private_bytes(SEED))
    while sequence(database, signer, time.time):
        pass
    with database.read() as tx:
        numbers = tx.execute(sa.select(leaves.c.leaf).order_by(leaves.c.leaf)).scalars().all()
        records = tx.execute(sa.select(sa.func.count()).select_from(events)).scalar_one()
        assert tx.execute(sa.select(unnumbered)).all() == []
    assert list(numbers) == list(range(records))
    assert records >= acknowledged > 0
    result = verify(database, signer.public_key, None)
    assert (result.code, result.findings) == (INTACT, ())
    database.close()


@pytest.mark.postgres
def test_a_record_that_is_committed_late_gets_a_later_number(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A lower sequence number that was still under way is not passed over: the queue knows it when it is committed."""
    database = open_database(fresh_url("postgresql", tmp_path, request))
    signer = Signer("test/log", Ed25519PrivateKey.from_private_bytes(SEED))
    with database.write() as slow:
        append(slow, "broker:task:created", "task-slow", 1.0, {})
        with database.write() as quick:
            append(quick, "broker:task:created", "task-quick", 1.0, {})
        assert sequence(database, signer, time.time) == 1
    assert sequence(database, signer, time.time) == 1
    query = sa.select(events.c.task_id).join(leaves, leaves.c.seq == events.c.seq).order_by(leaves.c.leaf)
    with database.read() as tx:
        assert tx.execute(query).scalars().all() == ["task-quick", "task-slow"]
    assert verify(database, signer.public_key, None).code == INTACT
    database.close()
