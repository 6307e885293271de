"""`broker log export` and `ship` as a person or a timer calls them, beside a broker that is at work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from broker.store.database import open_database
from broker.store.log import append, sequence
from broker.testing import memory_broker

ROOT = Path(__file__).parents[3]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, in this test's home."""
    command = [sys.executable, "-m", "broker", "log", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)


@pytest.fixture
def state(tmp_path: Path) -> str:
    """The state folder of a `broker dev` with three records."""
    broker = memory_broker("", {}, {}, database=open_database(f"sqlite:///{tmp_path}/state/broker.db"))
    for number in range(3):
        with broker.database.write() as tx:
            append(tx, "broker:lease:issued", f"task-{number}", 1.0, {"lease": f"lease-{number}"})
    sequence(broker.database, broker.signer, broker.clock)
    broker.database.close()
    return str(tmp_path / "state")


def test_records_go_to_standard_output_or_into_a_file(state: str, tmp_path: Path) -> None:
    """As OCSF, with the number of each leaf; with a cursor only what is new."""
    done = run("export", "--state", state)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(event["class_uid"], event["metadata"]["sequence"]) for event in told] == [(6003, 0), (6003, 1), (6003, 2)]
    words = ("export", "--state", state, "--cursor", str(tmp_path / "cursor"), "-o", str(tmp_path / "out"))
    assert [run(*words).returncode for _ in range(2)] == [0, 0]
    assert (tmp_path / "out").read_text() == done.stdout
    assert (run("export", "--state", state, "-o", str(tmp_path / "out")).returncode, done.stderr) == (2, "")


def test_they_are_shipped_from_where_it_got_to(state: str, tmp_path: Path) -> None:
    """The same destinations and the same cursor rules as the guard's journal."""
    to = f"file:{tmp_path / 'out'}"
    first, second = run("ship", "--state", state, "--to", to), run("ship", "--state", state, "--to", to)
    assert (first.stderr, second.stderr) == ("3 records taken\n", "0 records taken\n")
    assert (tmp_path / "out").read_text() == run("export", "--state", state).stdout
    wrong = run("ship", "--state", state, "--to", "udp:x")
    assert (wrong.returncode, "syslog+tls://HOST:PORT" in wrong.stderr) == (2, True)


def test_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Nothing is created by looking."""
    done = run("export", "--state", str(tmp_path / "none"))
    assert done.returncode == 2
    assert not (tmp_path / "none").exists()
