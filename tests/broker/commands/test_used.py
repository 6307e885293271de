"""`broker task used`, `broker policy used` and `broker policy narrow` against a real `broker serve`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broker.cli import cli
from broker.client import BrokerClient
from secretguard.errors import ConfigError
from tests.broker.served import Served

TASK = f"""\
name = "work"  # ours
environment = "sandbox"
deadline = 3600
launchers = ["unix:{os.geteuid()}"]

[grants.plain]
source = "identity"
scope = {{ audience = "a" }}
ttl = 600
max_leases = 4

[grants.spare]
source = "identity"
scope = {{ audience = "b" }}
ttl = 60
"""
OWNERS = '\n[owners]\nengineering = ["jwt:corp:ada"]\nsecurity = ["jwt:corp:sue"]\n'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A broker, and one task that has taken a credential and ended."""
    folder = tmp_path_factory.mktemp("used")
    made = Served(folder, f"sqlite:///{folder}/s/broker.db", {"work": TASK})
    facts = folder / "policy" / "facts.toml"
    facts.write_text(facts.read_text() + OWNERS)
    with made.running(), made.client() as client:
        begin(client)
        yield made


def begin(client: BrokerClient) -> str:
    started = client.start_task("work", "a test")
    session = client.activate(started.task_id, started.bootstrap)
    session.credentials("plain")
    session.end()
    return started.task_id


def call(served: Served, *arguments: str, person: str = "olga") -> Result:
    """A command of a person."""
    token = served.folder / f"{person}.token"
    token.touch(mode=0o600)
    token.write_text(served.token(person).reveal())
    return CliRunner().invoke(cli, [*arguments, "--broker", f"unix:{served.socket}", "--token-file", str(token)])


def test_used_is_a_table_for_people_and_json_for_programs(served: Served) -> None:
    """Used and granted side by side; what nobody asked for by name."""
    text = call(served, "policy", "used", "work").stdout
    assert text.splitlines()[0].split()[:2] == ["GRANT", "TASKS"]
    assert "never asked spare" in text
    with served.client() as client:
        task_id = str(client.tasks()[0]["id"])
    told = json.loads(call(served, "task", "used", task_id, "--format", "json").stdout)
    assert (told["task_id"], told["unused"]) == (task_id, ["spare"])


def test_a_narrower_policy_is_printed_proposed_agreed_to_and_works(served: Served) -> None:
    """The file with its comments; a tightening needs one owner; afterwards the same task still runs."""
    printed = call(served, "policy", "narrow", "work")
    assert printed.exit_code == 0, printed.output
    assert printed.stdout.startswith('name = "work"  # ours\n')
    assert "deadline = 60\n" in printed.stdout
    assert "ttl = 60\nmax_leases = 1\n" in printed.stdout
    assert "[grants.spare]" not in printed.stdout
    assert "tightens  tasks/work: grant spare removed" in printed.stderr
    difference = call(served, "policy", "narrow", "work", "--diff").stdout
    assert difference.startswith("--- in force/tasks/work.toml\n+++ narrower/tasks/work.toml\n")
    proposed = call(served, "policy", "narrow", "work", "--propose", "a month of records")
    assert proposed.exit_code == 1, proposed.output
    proposal = proposed.stderr.split("proposed as ")[1].strip()
    shown = json.loads(call(served, "policy", "show", proposal, "--format", "json").stdout)
    assert (shown["kind"], shown["needs"], shown["state"]) == ("tightens", "one", "waiting")
    agreed = call(served, "policy", "approve", proposal, "--reason", "read it", person="ada")
    assert agreed.exit_code == 0, agreed.output
    with served.client() as client:
        begin(client)
    again = call(served, "policy", "narrow", "work", "--propose", "once more")
    assert (again.exit_code, "nothing to narrow" in again.stderr) == (0, True)


@pytest.mark.parametrize("since", ["", "30", "d", "0d", "30 d", "1y", "99999d"])
def test_a_time_that_is_none(served: Served, since: str) -> None:
    """Named with how to write it; nothing is asked."""
    refused = call(served, "policy", "used", "work", "--since", since)
    assert isinstance(refused.exception, ConfigError)


def test_what_is_written_is_the_file_alone(served: Served, tmp_path: Path) -> None:
    """stdout can be sent into the policy directory as it is."""
    (tmp_path / "work.toml").write_text(call(served, "policy", "narrow", "work").stdout)
    assert "tightens" not in (tmp_path / "work.toml").read_text()
