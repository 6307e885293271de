"""A leaked credential: taken back at once, for whoever may report it, and no word more to anybody else."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from broker.exposure import Exposure, Reporter, expose
from broker.fingerprint import sha256_of
from broker.log.refusals import EACH
from broker.pipeline import Issued
from broker.receipt import Revocation
from broker.recover import recover
from broker.revoke import revoke_lease
from broker.service import Broker
from broker.story import ALARMS
from broker.task import Task
from broker.testing import CrashError, FaultyDatabase, ManualClock, MemorySource, memory_broker, task_policy
from tests.broker.scenario import ADA, DB, USER, active_task, attempt, issue, recorded

AGAIN = dataclasses.replace(DB, name="again", reissue_on_exposure=True)
OPERATOR = Reporter("jwt:corp:olga", operator=True)


class World:
    """A broker, two tasks of two launchers, a credential each."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.source = ManualClock(), MemorySource()
        policies = {"work": task_policy(DB, AGAIN)}
        self.broker: Broker = memory_broker(str(folder / "s"), policies, {"memory": self.source}, clock=self.clock)
        self.task, self.other = active_task(self.broker, ADA), active_task(self.broker, USER)
        self.issued, self.foreign = issue(self.broker, self.task), issue(self.broker, self.other)

    def report(self, reporter: Reporter, issued: Issued, where: str = "a tool's output") -> Exposure:
        return expose(self.broker, reporter, digest_of(issued), where)

    def lives(self, issued: Issued) -> bool:
        return issued.lease.id in self.source.alive


def digest_of(issued: Issued) -> str:
    return sha256_of(issued.minted.fields["token"].reveal())


def session(task: Task, has_value: bool = True) -> Reporter:
    return Reporter(f"session of {task.id}", task_id=task.id, has_value=has_value)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A fresh world."""
    return World(tmp_path)


def test_a_reported_credential_is_dead_and_its_run_shows_it(world: World) -> None:
    """Dead when the call returns; who saw it and where is on record before the revocation, as an alarm."""
    found = world.report(session(world.task), world.issued, "stdout of make")
    assert [line.revocation for line in found.lines] == [Revocation.CONFIRMED]
    assert not world.lives(world.issued)
    assert world.lives(world.foreign)
    events = [record["event"] for record in recorded(world.broker)]
    assert events.index("broker:exposure:reported") < events.index("broker:lease:revoked")
    [told] = recorded(world.broker, "broker:exposure:reported")
    assert (told["task"], told["lease"], told["where"]) == (world.task.id, world.issued.lease.id, "stdout of make")
    assert "broker:exposure:reported" in ALARMS


def test_no_value_and_no_plain_digest_is_in_the_store(world: World) -> None:
    """The store knows a credential by a keyed digest alone: neither it nor its SHA-256 is anywhere in the file."""
    world.report(session(world.task), world.issued)
    world.broker.database.close()
    value = world.issued.minted.fields["token"].reveal()
    files = [path.read_bytes() for path in Path(str(world.broker.database.engine.url.database)).parent.iterdir()]
    assert files
    for content in files:
        assert value.encode() not in content
        assert hashlib.sha256(value.encode()).hexdigest().encode() not in content


@pytest.mark.parametrize("has_value", [True, False])
def test_a_sandbox_neither_kills_nor_learns_of_what_is_anothers(world: World, has_value: bool) -> None:
    """Another task's credential, and a value that is nobody's, get the same answer and the same record."""
    foreign = world.report(session(world.task, has_value), world.foreign)
    nobody = expose(world.broker, session(world.task, has_value), sha256_of("made-up-nobodys-value"), "a tool's output")
    assert foreign == nobody == Exposure((), reissue=False)
    assert world.lives(world.foreign)
    assert not recorded(world.broker, "broker:exposure:reported")
    first, second = recorded(world.broker, "broker:exposure:unknown")
    assert {name: first[name] for name in first if name not in ("salt", "time")} == {
        name: second[name] for name in second if name not in ("salt", "time")
    }


def test_a_launcher_reports_its_own_by_digest_and_not_anothers(world: World) -> None:
    """A digest is no proof of holding the credential: it works for the launcher and operators alone."""
    ada = Reporter("jwt:corp:ada", launcher="jwt:corp:ada")
    assert world.report(ada, world.foreign).lines == ()
    assert world.lives(world.foreign)
    assert len(world.report(ada, world.issued).lines) == 1
    assert len(world.report(OPERATOR, world.foreign).lines) == 1
    assert not world.source.alive


def test_whoever_sends_the_value_itself_may_stop_it_and_is_told_nothing(world: World) -> None:
    """They hold it already. The answer is that of a value which is nobody's; the owner's record tells."""
    passer_by = Reporter("jwt:corp:mallory", launcher="jwt:corp:mallory", has_value=True)
    assert world.report(passer_by, world.foreign) == Exposure((), reissue=False)
    assert not world.lives(world.foreign)
    assert [told["by"] for told in recorded(world.broker, "broker:exposure:reported")] == ["jwt:corp:mallory"]


def test_the_task_gets_no_other_one_unless_its_grant_says_so(world: World) -> None:
    """Without `reissue_on_exposure` the grant is closed for this task; with it the very same request gets a new one."""
    world.report(session(world.task), world.issued)
    no = attempt(lambda: issue(world.broker, world.task, "key-0002"))
    assert no is not None
    assert no.rule == "exposed"
    issue(world.broker, active_task(world.broker, ADA), "key-0003")
    leaked = issue(world.broker, world.task, "key-0004", "again")
    assert world.report(session(world.task), leaked).reissue
    fresh = issue(world.broker, world.task, "key-0004", "again")
    assert fresh.lease.id != leaked.lease.id
    assert not fresh.again
    assert world.lives(fresh)


def test_a_policy_that_no_longer_allows_another_one_wins_over_the_tasks_own(world: World) -> None:
    """The task's grant said yes when it started; what counts is that both say so."""
    leaked = issue(world.broker, world.task, "key-0004", "again")
    world.report(session(world.task), leaked)
    stricter = {"work": task_policy(DB, dataclasses.replace(AGAIN, reissue_on_exposure=False))}
    broker = dataclasses.replace(
        world.broker,
        policies=memory_broker("", stricter, {}, database=world.broker.database).policies,
    )
    no = attempt(lambda: issue(broker, world.task, "key-0005", "again"))
    assert no is not None
    assert no.rule == "exposed"


def test_the_tenth_report_of_one_leak_is_no_news(world: World) -> None:
    """One record and one revocation, whoever reports how often; each report still gets the honest line."""
    lines = [world.report(reporter, world.issued).lines for reporter in (session(world.task), OPERATOR) * 5]
    assert all(line[0].revocation is Revocation.CONFIRMED for line in lines)
    assert len(recorded(world.broker, "broker:exposure:reported")) == 1
    assert len(recorded(world.broker, "broker:lease:revoked")) == 1


def test_a_report_of_a_dead_credential_says_what_became_of_it(world: World) -> None:
    """It is recorded all the same: that a credential got out matters after its death, too."""
    revoke_lease(world.broker, world.issued.lease.id, "test")
    [line] = world.report(session(world.task), world.issued).lines
    assert line.revocation is Revocation.CONFIRMED
    assert len(recorded(world.broker, "broker:exposure:reported")) == 1


def test_a_flood_of_wrong_reports_is_counted_and_shields_nothing(world: World) -> None:
    """After EACH records of a minute the rest is a number; the true report in the middle works at once."""
    for number in range(EACH + 30):
        expose(world.broker, session(world.task), sha256_of(f"made-up-value-number-{number}"), "nowhere")
    assert len(world.report(session(world.task), world.issued).lines) == 1
    assert not world.lives(world.issued)
    assert len(recorded(world.broker, "broker:exposure:unknown")) == EACH
    world.clock.advance(120)
    recover(world.broker)
    [counted] = recorded(world.broker, "broker:refusals:counted")
    assert counted["more"] == 30


def test_a_source_that_is_down_is_asked_again(world: World) -> None:
    """QUEUED, said honestly; recovery takes it back when the source is there again."""
    world.source.down = True
    [line] = world.report(session(world.task), world.issued).lines
    assert line.revocation is Revocation.QUEUED
    world.source.down = False
    world.clock.advance(10)
    recover(world.broker)
    assert not world.lives(world.issued)


def test_a_log_that_is_down_protects_no_credential(world: World) -> None:
    """Revoked though nothing could be recorded; recorded, and found again by recovery, when it works."""
    broken = FaultyDatabase(world.broker.database.engine)
    broken.refuse_all = True
    [line] = expose(
        dataclasses.replace(world.broker, database=broken), session(world.task), digest_of(world.issued), "stdout"
    ).lines
    assert line.revocation is Revocation.CONFIRMED
    assert not world.lives(world.issued)


def test_a_crash_between_record_and_revocation_is_made_up_for(world: World) -> None:
    """What is marked as exposed and still open is taken back by the next recovery, deadline or not."""
    broken = FaultyDatabase(world.broker.database.engine, fail_at=0, how="crash_after")
    with pytest.raises(CrashError):
        expose(dataclasses.replace(world.broker, database=broken), session(world.task), digest_of(world.issued), "x")
    assert world.lives(world.issued)
    recover(world.broker)
    assert not world.lives(world.issued)
    assert world.lives(world.foreign)
