"""`broker policy` as its owners use it, against real `broker serve` processes: two replicas, kills, a recovery."""

from __future__ import annotations

import contextlib
import copy
import json
import random
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from broker.cli import cli
from broker.commands import policy_recover
from broker.errors import BrokerError
from secretguard.errors import ConfigError
from tests.broker.policy.sets import OWNERS, TASK
from tests.broker.served import Served
from tests.broker.stores import KINDS, fresh_url

pytestmark = pytest.mark.timeout(300)


class Site(Served):
    """A broker with owners; `call` is the command line of a person."""

    def __init__(self, folder: Path, store: str) -> None:
        super().__init__(folder, store, {"work": TASK})
        facts = folder / "policy" / "facts.toml"
        facts.write_text(facts.read_text() + OWNERS)
        self.task = folder / "policy" / "tasks" / "work.toml"

    def call(self, *arguments: str, person: str) -> Result:
        """One `broker policy` command, in this process."""
        token = self.folder / f"{person}.token"
        token.touch(mode=0o600)
        token.write_text(self.token(person).reveal())
        place = ["--broker", f"unix:{self.socket}", "--token-file", str(token)]
        return CliRunner().invoke(cli, ["policy", *arguments, *place])

    def edit(self, ttl: int) -> str:
        """Change the directory's policy; the directory."""
        self.task.write_text(re.sub(r"ttl = \d+", f"ttl = {ttl}", self.task.read_text()))
        return str(self.folder / "policy")

    def propose(self, ttl: int, person: str = "ada") -> Result:
        """Propose the directory with another ttl."""
        return self.call("propose", self.edit(ttl), "--reason", "a test", person=person)

    def readyz(self) -> dict[str, object]:
        """What an operator's probe sees."""
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(self.socket)), base_url="http://broker") as client:
            return dict(client.get("/readyz").json())

    def ttl(self) -> object:
        """What a credential would be issued for now."""
        with self.client() as client:
            grants = client.explain("work", "plain")["grants"]
        return grants["plain"]["ttl"]  # type: ignore[index]

    def replica(self) -> Site:
        """Another process over the same store and keys, on a socket of its own."""
        other = copy.copy(self)
        other.socket = self.folder / "run2" / "launch.sock"
        other.config = self.folder / "replica.toml"
        other.config.write_text(self.config.read_text().replace(str(self.socket), str(other.socket)))
        return other


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """Files of a broker; not running yet."""
    return Site(tmp_path, fresh_url(request.param, tmp_path, request))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Site]:
    """A broker over SQLite that runs."""
    made = Site(tmp_path, f"sqlite:///{tmp_path}/store/broker.db")
    with made.running():
        yield made


def proposal(result: Result) -> str:
    """The id that a command showed."""
    return result.output.split()[0]


def test_two_people_change_the_policy_of_two_replicas(site: Site) -> None:
    """Proposed at one, agreed to at both, in force at both from that moment on; no restart, no half of it."""
    replica = site.replica()
    with site.running(), replica.running():
        made = site.propose(3000)
        assert (made.exit_code, "loosens" in made.output) == (1, True)
        assert site.call("approve", proposal(made), "--reason", "ok", person="erin").exit_code == 1
        assert site.ttl() == replica.ttl() == 300
        done = replica.call("approve", proposal(made), "--reason", "ok", person="sam")
        assert (done.exit_code, done.output.split()[-1]) == (0, "activated")
        assert site.ttl() == replica.ttl() == 3000
        assert site.propose(60, person="sam").exit_code == 0, "an owner's tightening is in force at once"
        assert site.ttl() == replica.ttl() == 60
    with site.running():
        assert site.ttl() == 60
    assert "Traceback" not in site.log()


def test_an_edited_directory_changes_nothing(running: Site) -> None:
    """Not by a restart either: it is said in the log and by readyz, and is a proposal at most."""
    assert running.readyz() == {"status": "ready"}
    running.edit(3000)
    assert "in force stays" in str(running.readyz()["policy"])
    assert running.ttl() == 300
    other = running.replica()
    with other.running():
        assert other.ttl() == 300
    assert "in force stays" in running.log()


def test_what_a_person_sees(running: Site) -> None:
    """List, show with the text, history, deny, rollback by the beginning of a digest."""
    made = proposal(running.propose(3000))
    listed = running.call("list", person="sam").output
    assert all(word in listed for word in (made, "loosens", "both", "jwt:corp:ada", "jwt:corp:group:security"))
    shown = running.call("show", made, "--text", person="sam").output
    assert "tasks/work: plain: ttl: 300 -> 3000" in shown
    assert "an owner of engineering and another one of security" in shown
    assert "  -ttl = 300\n  +ttl = 3000\n" in shown
    assert running.call("deny", made, "--reason", "no", person="sam").output == f"{made} is denied\n"
    tight = running.propose(60, person="sam")
    assert "is activated" in tight.output
    history = json.loads(running.call("history", "--format", "json", person="ada").output)
    assert [line["kind"] for line in history] == ["tightens", "first"]
    table = running.call("history", person="ada").output
    assert "taken from disk at first start" in table
    back = running.call("rollback", history[-1]["digest"][:12], "--reason", "back", person="ada")
    assert (back.exit_code, "loosens" in back.output) == (1, True), "the way back is a change like any other"


def test_refusals_say_what_to_do(running: Site) -> None:
    """No owner, one's own, a broken file, a made-up digest."""
    made = proposal(running.propose(3000, person="erin"))
    own = running.call("approve", made, "--reason", "x", person="erin").exception
    assert isinstance(own, BrokerError)
    assert (own.rule, own.fix) == ("approver-is-proposer", "two other owners must")
    stranger = running.call("approve", made, "--reason", "x", person="eve").exception
    assert isinstance(stranger, BrokerError)
    assert "[owners]" in stranger.fix
    unknown = running.call("rollback", "f" * 64, "--reason", "x", person="sam").exception
    assert isinstance(unknown, BrokerError)
    running.task.write_text(TASK + "x = 1\n")
    broken = running.call("propose", str(running.folder / "policy"), "--reason", "x", person="ada").exception
    assert isinstance(broken, BrokerError)
    assert broken.message.startswith("tasks/work.toml:9:")


def test_what_others_wrote_does_not_drive_the_terminal(running: Site) -> None:
    """A reason with escape sequences is shown as escapes."""
    running.edit(3000)
    place = str(running.folder / "policy")
    shown = running.call("propose", place, "--reason", "\x1b[2Jnice \u202e", person="ada").output
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_killed_at_any_moment_it_is_all_or_nothing(tmp_path: Path) -> None:
    """SIGKILL while owners agree: the policy in force always has its history and its event, and the next word works."""
    site = Site(tmp_path, f"sqlite:///{tmp_path}/store/broker.db")
    chance = random.Random(5)
    for at in range(4):
        process = site.start()
        made = proposal(site.propose(1000 + at))
        workers = [
            threading.Thread(target=site.call, args=("approve", made, "--reason", "x"), kwargs={"person": person})
            for person in ("erin", "sam")
        ]
        for worker in workers:
            worker.start()
        time.sleep(chance.random() * 0.06)
        process.kill()
        process.wait(20)
        for worker in workers:
            worker.join(60)
        assert consistent(site)
        with site.running():
            for person in ("erin", "sam"):
                site.call("approve", made, "--reason", "x", person=person)
            assert site.ttl() == 1000 + at
        assert consistent(site)


def consistent(site: Site) -> bool:
    """In force = last line of the history = last event; as many of one as of the other."""
    with contextlib.closing(sqlite3.connect(site.folder / "store" / "broker.db")) as store:
        (active,) = store.execute("SELECT digest FROM policy_in_force").fetchone()
        history = [row[0] for row in store.execute("SELECT digest FROM policy_history ORDER BY number")]
        query = "SELECT payload FROM events WHERE event = 'broker:policy:activated' ORDER BY seq"
        told = [json.loads(row[0])["to"] for row in store.execute(query)]
        done = store.execute("SELECT count(*) FROM policy_proposals WHERE state = 'activated'").fetchone()[0]
    return history[-1] == active and history == told and done == len(history) - 1


def test_recovery_past_the_owners(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root alone, while the broker runs; with an event and a line in the history that say so."""
    command = ["policy", "recover", "--config", str(site.config), "--reason", "all owners left"]
    with site.running():
        made = proposal(site.propose(3000))
        monkeypatch.setattr(policy_recover.os, "geteuid", lambda: 1000)
        refused = CliRunner().invoke(cli, command).exception
        assert isinstance(refused, ConfigError)
        assert "only root" in refused.message
        monkeypatch.setattr(policy_recover.os, "geteuid", lambda: 0)
        done = CliRunner().invoke(cli, command)
        assert done.exit_code == 0, done.exception
        assert site.ttl() == 3000
        history = json.loads(site.call("history", "--format", "json", person="ada").output)
        assert (history[0]["kind"], history[0]["reason"]) == ("recovered", "all owners left")
        assert json.loads(site.call("show", made, "--format", "json", person="ada").output)["state"] == "expired"
        again = CliRunner().invoke(cli, command).exception
        assert isinstance(again, ConfigError)
        site.task.write_text("x = 1")
        broken = CliRunner().invoke(cli, command).exception
        assert isinstance(broken, ConfigError)
        assert site.ttl() == 3000


def test_to_check_takes_nothing(tmp_path: Path) -> None:
    """`serve --check` before the first start leaves the store without a policy: the directory may still change."""
    site = Site(tmp_path, f"sqlite:///{tmp_path}/store/broker.db")
    assert CliRunner().invoke(cli, ["serve", "--config", str(site.config), "--check"]).exit_code == 0
    site.edit(200)
    with site.running():
        assert site.ttl() == 200
