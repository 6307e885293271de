"""The policy in force is the store's: the same for every replica from one commit on, and never half of two."""

from __future__ import annotations

import dataclasses
import threading
from functools import partial
from pathlib import Path

import pytest

from broker import pipeline
from broker.approve.tickets import Waiting
from broker.errors import BrokerError, Conflict, Refused
from broker.pipeline import Issued
from broker.policy.files import PolicyFiles
from broker.policy.policy_set import PolicySet
from broker.policy.proposals import Proposal, State
from broker.policy.stored import KEPT, Stored, has_policy, take_at_first_start
from broker.store.database import open_database
from broker.testing import CrashError, FaultyDatabase
from secretguard.errors import ConfigError
from tests.broker.policy import sets
from tests.broker.policy.house import House
from tests.broker.policy.sets import ADA, ERIN, LOOSER, SAM, TIGHTER, USER, files, quick
from tests.broker.scenario import THUMBPRINT, recorded
from tests.broker.stores import KINDS, fresh_url


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each kind."""
    return fresh_url(request.param, tmp_path, request)


def test_the_first_start_takes_the_directory_and_no_later_one(url: str) -> None:
    """With an event that says so; another directory at the next start changes nothing."""
    house = House(url)
    (record,) = recorded(house.broker, "broker:policy:activated")
    assert (record["kind"], record["reason"]) == ("first", "taken from disk at first start")
    assert House(url, first=LOOSER).active == files().digest
    assert not take_at_first_start(house.database, lambda: pytest.fail("not read"), 0)


def test_replicas_that_start_at_once_take_one_policy(url: str) -> None:
    """Each with a directory of its own: one of them is in force, once."""
    open_database(url).close()
    choices = [files(rules=f"\n// {at}\n") for at in range(4)]
    databases = [open_database(url) for _ in choices]
    ready = threading.Barrier(len(choices))

    def start(at: int) -> None:
        def read() -> PolicyFiles:
            ready.wait(20)
            return choices[at]

        take_at_first_start(databases[at], read, 0)

    together([partial(start, at) for at in range(len(choices))])
    house = House(url)
    assert house.active in [one.digest for one in choices]
    assert len(recorded(house.broker, "broker:policy:activated")) == 1


def test_a_directory_that_is_broken_at_first_start_is_not_taken(url: str) -> None:
    """The store stays without a policy, so that the mended one is still the first."""

    def broken() -> PolicyFiles:
        raise ConfigError("facts.toml:1: no")

    database = open_database(url)
    with pytest.raises(ConfigError):
        take_at_first_start(database, broken, 0)
    assert not has_policy(database)


def test_every_replica_follows_at_once(url: str) -> None:
    """What one replica activated the other decides by, without a word between them."""
    one, other = House(url), House(url)
    assert other.active == files().digest
    one.propose(SAM, TIGHTER)
    assert other.active == TIGHTER.digest
    assert other.stored.current().tasks["work"].grants[0].ttl == 60


def test_what_was_decided_under_another_policy_is_not_acted_on(url: str) -> None:
    """A task and a credential whose policy changed between decision and record: refused, asked again, decided anew."""
    house = House(url)
    started = pipeline.start_task(house.broker, USER, "work", "a test", None)
    task, _ = pipeline.activate(house.broker, started.task.id, started.bootstrap, THUMBPRINT)
    stale = dataclasses.replace(house.broker, policies=Stale(house.stored, house.stored.current()))
    house.propose(SAM, TIGHTER)
    for act in (
        lambda: pipeline.credentials(stale, task, "plain", None, "key-00001"),
        lambda: pipeline.start_task(stale, USER, "work", "a test", None),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.rule == "policy-moved"
    answer = pipeline.credentials(house.broker, task, "plain", None, "key-00001")
    assert isinstance(answer, Issued)
    assert answer.minted.expires_at <= house.clock() + 60


def test_an_approval_under_the_old_policy_is_asked_for_again(url: str) -> None:
    """A person's yes is bound to the policy that demanded it."""
    gated = sets.TASK + "approvals = 1\n"
    house = House(url, first=files(task=gated))
    started = pipeline.start_task(house.broker, ADA, "work", "a test", None)
    task, _ = pipeline.activate(house.broker, started.task.id, started.bootstrap, THUMBPRINT)
    first = pipeline.credentials(house.broker, task, "plain", None, "key-00001")
    house.propose(SAM, files(task=gated.replace("deadline = 3600", "deadline = 3500")))
    second = pipeline.credentials(house.broker, task, "plain", None, "key-00002")
    assert isinstance(first, Waiting)
    assert isinstance(second, Waiting)
    assert first.id != second.id


def test_words_at_the_same_moment_count_one_after_the_other(url: str) -> None:
    """Both sides agree at once, at two replicas, again and again: in force once, never neither."""
    house, replica = House(url), House(url)
    for at in range(8):
        found = files(task=sets.TASK.replace("ttl = 300", f"ttl = {400 + at}"))
        made = house.propose(ADA, found)
        states = both_at_once(house, replica, made)
        assert sorted(states) == sorted([State.WAITING, State.ACTIVATED])
        assert house.active == replica.active == found.digest
    assert len(recorded(house.broker, "broker:policy:activated")) == 9


def test_an_approval_and_another_activation_at_the_same_moment(url: str) -> None:
    """One wins. The loosening is in force only if it was agreed to over what was in force then."""
    house, replica = House(url), House(url)
    for at in range(6):
        base = house.active
        made = house.propose(ADA, files(task=sets.TASK.replace("ttl = 300", f"ttl = {400 + at}")))
        house.approve(ERIN, made)
        tight = files(task=sets.TASK.replace("ttl = 300", f"ttl = {100 - at}"))
        together([partial(attempt, house, made), partial(outrun, replica, tight)])
        froms = [one["from"] for one in recorded(house.broker, "broker:policy:activated") if one["to"] == made.digest]
        assert froms in ([], [base])
        house.propose(SAM, files(task=sets.TASK.replace("ttl = 300", f"ttl = {90 - at}")))


@pytest.mark.parametrize("how", ["crash", "crash_after", "refuse"])
def test_a_crash_at_the_last_word_leaves_all_or_nothing(tmp_path: Path, how: str) -> None:
    """Vote, change of the policy in force, history and event are one commit; said again it is as if never lost."""
    url = f"sqlite:///{tmp_path}/store/broker.db"
    faulty = FaultyDatabase(open_database(url).engine)
    house = House(url, database=faulty)
    made = house.propose(ADA, LOOSER)
    house.approve(ERIN, made)
    faulty.fail_at, faulty.how = faulty.writes, how
    with pytest.raises((CrashError, BrokerError)):
        house.approve(SAM, made)
    after = House(url)
    done = len([one for one in recorded(after.broker, "broker:policy:activated") if one["proposal"]])
    assert done == (how == "crash_after")
    assert after.active == (LOOSER if done else files()).digest
    assert after.approve(SAM, made).state is State.ACTIVATED
    assert after.active == LOOSER.digest
    assert len(recorded(after.broker, "broker:policy:activated")) == 2


def test_a_policy_that_this_program_cannot_compile_issues_nothing(url: str) -> None:
    """As after a change of version: refused with file and line, and with the way on."""
    House(url)

    def cannot(_files: PolicyFiles) -> PolicySet:
        raise ConfigError("facts.toml:3: unknown key")

    with pytest.raises(Refused, match=r"facts\.toml:3") as refused:
        Stored(open_database(url), compiler=cannot).current()
    assert "recover" in refused.value.fix


def test_memory_is_bounded(tmp_path: Path) -> None:
    """Only the last few policies stay compiled."""
    house = House(f"sqlite:///{tmp_path}/store/broker.db")
    tighter = [files(task=sets.TASK.replace("ttl = 300", f"ttl = {ttl}")) for ttl in range(60, 60 - KEPT - 3, -1)]
    digests = [house.active, *(house.propose(SAM, one).digest for one in tighter)]
    for digest in digests:
        assert house.stored.of(digest).digest == digest
    assert len(house.stored._sets) == KEPT


def test_a_tightening_is_let_in_under_load(url: str) -> None:
    """Requests that act on the policy without a pause, always some at a time, do not keep a change of it out."""
    house, stop = House(url), threading.Event()

    def act() -> None:
        while not stop.is_set():
            held = house.stored.current()
            try:
                with house.database.write() as tx:
                    house.stored.require(tx, held)
                    stop.wait(0.01)
            except Conflict:
                continue

    def change() -> None:
        try:
            for ttl in (250, 200, 150):
                found = files(task=sets.TASK.replace("ttl = 300", f"ttl = {ttl}"))
                assert house.propose(SAM, found).state is State.ACTIVATED
        finally:
            stop.set()

    together([change, *([act] * (1 if house.database.kind == "sqlite" else 5))])
    assert house.stored.current().tasks["work"].grants[0].ttl == 150


class Stale:
    """What a request holds that read the policy a moment ago."""

    def __init__(self, real: Stored, held: PolicySet) -> None:
        self.real, self.held = real, held

    def current(self) -> PolicySet:
        return self.held

    def require(self, tx, held: PolicySet) -> None:  # type: ignore[no-untyped-def]
        self.real.require(tx, held)

    def notice(self) -> str:
        return ""


def both_at_once(house: House, replica: House, made: Proposal) -> list[State]:
    """Each side's word, at two replicas, as nearly at one moment as threads can."""
    states: list[State] = []
    together(
        [
            lambda: states.append(house.approve(ERIN, made).state),
            lambda: states.append(replica.approve(SAM, made).state),
        ]
    )
    return states


def attempt(house: House, made: Proposal) -> None:
    """An approval that may come too late."""
    try:
        house.approve(SAM, made)
    except Conflict:
        return


def outrun(house: House, found: PolicyFiles) -> None:
    """A tightening that may come too late."""
    try:
        house.propose(SAM, found)
    except Conflict:
        return


def together(actions: list) -> None:  # type: ignore[type-arg]  # of callables
    """Run all at once; every one must end, and none in an error."""
    ready = threading.Barrier(len(actions))
    faults: list[BaseException] = []

    def run(action) -> None:  # type: ignore[no-untyped-def]
        ready.wait(20)
        try:
            action()
        except BaseException as fault:  # shown below
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []


def test_quick_is_what_a_broker_compiles() -> None:
    """The tests' short cut is the same policy."""
    assert quick(files()).digest == files().digest
