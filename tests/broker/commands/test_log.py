"""`broker log` as a person and a script use it, over a store with a life in it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broker.cli import cli
from broker.grant import Grant
from broker.issue.signing_keys import SigningKeys
from broker.log.signer import Signer
from broker.service import Broker
from broker.store.log import append, sequence
from broker.testing import MemorySource, memory_broker, task_policy
from secretguard.audit.checkpoint import verifier_key
from secretguard.errors import SecretguardError
from tests.broker.scenario import active_task, issue


class Site:
    """A state directory as `broker dev` leaves it, with the life of one task in its record."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        grant = Grant("db", "memory", {}, ttl=300)
        made = memory_broker(str(self.state), {"work": task_policy(grant)}, {"memory": MemorySource()})
        key = SigningKeys(str(self.state / "keys" / "log")).active.private_key
        self.signer = Signer("test/log", key)  # type: ignore[arg-type]
        self.broker: Broker = made
        (self.state / "keys" / "log.vkey").write_text(verifier_key("test/log", self.signer.public_key))
        self.task = active_task(made)
        self.lease = issue(made, self.task).lease.id
        self.number()

    def number(self) -> None:
        """Number and sign what waits."""
        sequence(self.broker.database, self.signer, self.broker.clock)

    def run(self, *arguments: object) -> Result:
        """`broker log ...` here."""
        return CliRunner().invoke(cli, ["log", *map(str, arguments), "--state", str(self.state)])


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Such a directory."""
    return Site(tmp_path)


def shown(result: Result) -> list[dict[str, object]]:
    """The JSON lines of a command that succeeded."""
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_records_are_shown_by_what_they_name(site: Site) -> None:
    """Task, lease, identity, event, number; all that is given must hold."""
    everything = shown(site.run("show", "--task", site.task.id))
    assert [one["entry"] for one in everything] == list(range(5))
    of_lease = shown(site.run("show", "--lease", site.lease))
    assert [one["record"]["event"] for one in of_lease] == [  # type: ignore[index]
        "broker:lease:intended", "broker:lease:minted", "broker:lease:issued",
    ]  # fmt: skip
    assert [one["entry"] for one in shown(site.run("show", "--who", site.task.launcher))] == [0]
    assert [one["entry"] for one in shown(site.run("show", "--entry", 3))] == [3]
    both = site.run("show", "--lease", site.lease, "--event", "broker:lease:issued")
    assert [one["entry"] for one in shown(both)] == [4]
    for nothing in (("--who", "jwt:corp:a"), ("--who", "%"), ("--lease", "lease-"), ("--approval", "x")):
        assert shown(site.run("show", *nothing)) == []
    assert site.run("show").exit_code == 2


def test_a_run_is_told_as_a_story(site: Site) -> None:
    """Line by line with its number; what was written into it cannot drive the terminal."""
    with site.broker.database.write() as tx:
        append(tx, "broker:task:ended", site.task.id, 1.8e9, {"by": "ada", "reason": "\x1b[2Jgone\x07"})
    site.number()
    told = site.run("timeline", site.task.id)
    assert told.exit_code == 0
    lines = told.output.splitlines()
    assert lines[0].startswith(f"{site.task.id}: work in development")
    assert "      0  asked      jwt:corp:ada asked for a run of work" in lines[2]
    assert "\x1b[2J" not in told.output
    assert "gone" in lines[-1]
    as_json = json.loads(site.run("timeline", site.task.id, "--format", "json").output)
    assert [line["entry"] for line in as_json["lines"]] == list(range(6))
    missing = site.run("timeline", "task-none")
    assert isinstance(missing.exception, SecretguardError)


def test_a_proof_is_written_and_checked_offline(site: Site, tmp_path: Path) -> None:
    """With the file and the key alone; with another key, or the wrong record, it is refused."""
    proof, vkey = tmp_path / "entry.tlog-proof", site.state / "keys" / "log.vkey"
    assert site.run("prove", 2, "-o", proof).exit_code == 0
    site.broker.database.close()
    done = CliRunner().invoke(cli, ["log", "verify-proof", str(proof), "--key", str(vkey)])
    assert (done.exit_code, json.loads(done.stdout)["lease"]) == (0, site.lease)
    assert "proved: entry 2 of test/log, under its checkpoint of 5 entries" in done.stderr
    other = tmp_path / "other.json"
    other.write_text("{}")
    bad = CliRunner().invoke(cli, ["log", "verify-proof", str(proof), "--key", str(vkey), "--record", str(other)])
    assert isinstance(bad.exception, SecretguardError)
    assert site.run("prove", "--record", 3).stdout == proof.read_text()
    assert site.run("prove", 99).exit_code != 0
    assert site.run("prove").exit_code == 2


def test_verification_tells_what_was_pruned_and_erased(site: Site) -> None:
    """Intact, with a word on each; a living task stops both."""
    alive = site.run("erase", "--task", site.task.id, "--reason", "asked for")
    assert "not over" in str(alive.exception)
    with site.broker.database.write() as tx:
        tx.exec_driver_sql("UPDATE tasks SET state = 'ended'")
    assert "1 records erased" in site.run("erase", "--task", site.task.id, "--reason", "asked for").output
    site.number()
    assert "kept from entry 6 on" in site.run("prune", "--before", "2099-01-01", "--reason", "old").output
    site.number()
    told = site.run("verify")
    assert told.exit_code == 0
    assert "pruned: entries below 6" in told.output
    assert site.run("prune", "--before", "soon", "--reason", "x").exception
    assert site.run("erase", "--reason", "x").exit_code == 2
    assert site.run("erase", "--who", "a", "--reason", "x").exit_code == 2


def test_a_witness_that_is_demanded_and_missing_is_incomplete(site: Site) -> None:
    """`--witness` is a demand, not a hint."""
    vkey = "w.example+" + "0" * 8 + "+AAAA"
    assert isinstance(site.run("verify", "--witness", vkey).exception, SecretguardError)


def test_tail_follows_the_numbers(site: Site) -> None:
    """Each record once, as it gets its number, until it is interrupted; then quietly gone."""
    command = [sys.executable, "-m", "broker", "log", "tail", "-f", "-n", "1", "--state", str(site.state)]
    follower = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    killer = threading.Timer(60, follower.kill)
    killer.start()
    assert follower.stdout is not None
    assert json.loads(follower.stdout.readline())["event"] == "broker:lease:issued"
    for number in range(3):
        with site.broker.database.write() as tx:
            append(tx, "broker:task:ended", site.task.id, 1.8e9, {"n": number})
        site.number()
        assert json.loads(follower.stdout.readline())["n"] == number
    follower.send_signal(signal.SIGINT)
    _, errors = follower.communicate(timeout=30)
    killer.cancel()
    assert "Traceback" not in errors
