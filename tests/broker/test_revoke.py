"""Taking back: end, kill, one lease, a scope; honest receipts when it does not work."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from broker.errors import BadRequest, NotFound, SourceFailed
from broker.grant import Grant
from broker.lease import Lease
from broker.receipt import Line, Revocation
from broker.recover import recover
from broker.revoke import end_task, kill_scope, revoke_lease
from broker.service import Broker
from broker.store.log import sequence
from broker.store.rows import find_task
from broker.store.tables import tasks
from broker.task import TaskState
from broker.testing import Fault, ManualClock, MemoryParents, MemorySource, memory_broker, task_policy
from tests.broker.scenario import DB, GRACE, USER, active_task, attempt, issue, recorded


class World:
    """Two sources, one of them below a parent."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.parents = ManualClock(), MemoryParents()
        self.source, self.vault = MemorySource(), MemorySource(needs_parent=True)
        grants = (DB, Grant("vault", "vaulted", {}, ttl=300, max_leases=5))
        launchers = ("unix:*", "jwt:corp:ada", "jwt:corp:grace")
        self.broker: Broker = memory_broker(
            str(folder / "s"),
            {name: task_policy(*grants, name=name, launchers=launchers) for name in ("work", "other")},
            {"memory": self.source, "vaulted": self.vault},
            parents=self.parents,
            clock=self.clock,
        )

    def outcomes(self, lines: tuple[Line, ...]) -> list[Revocation]:
        return [line.revocation for line in lines]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A fresh world."""
    return World(tmp_path)


def test_end_takes_everything_back(world: World) -> None:
    """Every lease confirmed, the parent closed, all on record; a second end says the same and does nothing."""
    task = active_task(world.broker)
    issue(world.broker, task)
    issue(world.broker, task, "key-0002", "vault")
    receipt = end_task(world.broker, task.id, TaskState.ENDED, "test", "done")
    assert world.outcomes(receipt.lines) == [Revocation.CONFIRMED] * 2
    assert receipt.complete
    assert (world.source.alive, world.vault.alive, world.parents.alive) == ({}, {}, {})
    before = len(recorded(world.broker))
    again = end_task(world.broker, task.id, TaskState.ENDED, "test", "done")
    assert world.outcomes(again.lines) == [Revocation.CONFIRMED] * 2
    assert len(recorded(world.broker)) == before


def test_all_leases_of_a_task_hang_below_one_parent(world: World) -> None:
    """The parent is made once, kept as ciphertext, and used for every mint."""
    task = active_task(world.broker)
    for number in range(3):
        issue(world.broker, task, f"key-{number:04}", "vault")
    assert world.parents.opened == 1
    assert len(set(world.vault.parents_used.values())) == 1


def test_a_source_that_is_down_is_said_and_tried_again(world: World) -> None:
    """Queued with the reason, then confirmed by recovery when the source is back; back-off in between."""
    task = active_task(world.broker)
    issue(world.broker, task)
    world.source.down = True
    receipt = end_task(world.broker, task.id, TaskState.ENDED, "test", "done")
    assert world.outcomes(receipt.lines) == [Revocation.QUEUED]
    assert receipt.lines[0].detail == "the source is down"
    assert not receipt.complete
    assert recover(world.broker).leases == 0, "not before its time"
    world.clock.advance(10)
    assert recover(world.broker).still_open == 0, "tried, and put off again"
    world.source.down = False
    world.clock.advance(20)
    recover(world.broker)
    assert world.source.alive == {}
    assert world.outcomes(end_task(world.broker, task.id, TaskState.ENDED, "test", "x").lines) == [Revocation.CONFIRMED]
    assert len(recorded(world.broker, "broker:lease:queued")) == 1, "the same news is not recorded again and again"


def test_one_dead_source_does_not_keep_the_other_alive(world: World) -> None:
    """Each source is asked, whatever the others answer, a bug of theirs included."""
    task = active_task(world.broker)
    issue(world.broker, task)
    issue(world.broker, task, "key-0002", "vault")
    world.source.revoke = lambda lease: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    receipt = end_task(world.broker, task.id, TaskState.KILLED, "test", "now")
    assert sorted(world.outcomes(receipt.lines)) == [Revocation.CONFIRMED, Revocation.QUEUED]
    assert world.vault.alive == {}


def test_a_parent_that_cannot_be_closed_is_in_the_receipt(world: World) -> None:
    """Not complete until the parent is gone; recovery closes it."""
    task = active_task(world.broker)
    issue(world.broker, task, "key-0001", "vault")
    world.parents.down = True
    receipt = end_task(world.broker, task.id, TaskState.ENDED, "test", "done")
    assert receipt.lines[-1].source == "parent"
    assert not receipt.complete
    world.parents.down = False
    recover(world.broker)
    assert world.parents.alive == {}


def test_a_maybe_issued_lease_is_looked_for_at_the_end(world: World) -> None:
    """An uncertain lease is found by its intent, not by an accessor nobody has."""
    task = active_task(world.broker)
    world.source.faults = [Fault.LOSE_REPLY]
    assert attempt(lambda: issue(world.broker, task))
    receipt = end_task(world.broker, task.id, TaskState.ENDED, "test", "done")
    assert world.outcomes(receipt.lines) == [Revocation.CONFIRMED]
    assert world.source.alive == {}


def test_a_failed_mint_is_nothing_in_the_receipt(world: World) -> None:
    """Refused by the source: nothing was issued."""
    task = active_task(world.broker)
    world.source.faults = [Fault.REFUSE]
    assert attempt(lambda: issue(world.broker, task))
    assert world.outcomes(end_task(world.broker, task.id, TaskState.ENDED, "t", "d").lines) == [Revocation.NOTHING]


def test_one_lease_can_be_revoked_alone(world: World) -> None:
    """The task lives on and its other lease too."""
    task = active_task(world.broker)
    first, second = issue(world.broker, task).lease, issue(world.broker, task, "key-0002").lease
    assert revoke_lease(world.broker, first.id).complete
    assert set(world.source.alive) == {second.id}
    assert issue(world.broker, task, "key-0003").lease.id in world.source.alive
    with pytest.raises(NotFound):
        revoke_lease(world.broker, "lease-nope")


def test_a_revoked_credential_is_not_given_again(world: World) -> None:
    """The answer kept for a lost reply goes with the lease."""
    task = active_task(world.broker)
    lease = issue(world.broker, task).lease
    revoke_lease(world.broker, lease.id)
    assert attempt(lambda: issue(world.broker, task)) is not None


@pytest.mark.parametrize(
    ("scope", "dead"),
    [("all", "abc"), ("policy:other", "c"), (f"launcher:{GRACE.id}", "b"), ("policy:none", "")],
)
def test_the_kill_switch_ends_its_scope(world: World, scope: str, dead: str) -> None:
    """Exactly the tasks of the scope die; the order is recorded even when it met nobody."""
    tasks = {
        "a": active_task(world.broker, USER),
        "b": active_task(world.broker, GRACE),
        "c": active_task(world.broker, USER, "other"),
    }
    leases = {name: issue(world.broker, task).lease.id for name, task in tasks.items()}
    receipts = kill_scope(world.broker, scope, "test", "now")
    assert {receipt.task_id for receipt in receipts} == {tasks[name].id for name in dead}
    assert set(world.source.alive) == {leases[name] for name in leases if name not in dead}
    assert recorded(world.broker, "broker:kill:ordered")[0]["scope"] == scope


def test_the_kill_switch_ends_a_tenants_tasks(world: World) -> None:
    """By what the task itself was started with, whatever the policy says now; a tenant's name is whole or no match."""
    acme, plain = active_task(world.broker), active_task(world.broker)
    world.source.alive.clear()
    with world.broker.database.write() as tx:
        held = tx.execute(sa.select(tasks.c.grants).where(tasks.c.id == acme.id)).scalar_one()
        changed = held.replace('"memory"', '"memory@acme"')
        assert changed != held
        tx.execute(sa.update(tasks).where(tasks.c.id == acme.id).values(grants=changed))
    for scope in ("tenant:acm", "tenant:acme2", "tenant:memory"):
        assert kill_scope(world.broker, scope, "test", "now") == ()
    assert [receipt.task_id for receipt in kill_scope(world.broker, "tenant:acme", "test", "now")] == [acme.id]
    assert issue(world.broker, plain).lease.id in world.source.alive


@pytest.mark.parametrize(
    "scope", ["", "everything", "task:", "policy", "all:", "user:x", "task", "lease:", "lease", "tenant:"]
)
def test_an_unclear_scope_kills_nothing(world: World, scope: str) -> None:
    """A typing error must not widen."""
    active_task(world.broker)
    with pytest.raises(BadRequest):
        kill_scope(world.broker, scope, "test", "now")
    assert not recorded(world.broker, "broker:task:killed")


def test_an_unknown_task_is_not_found(world: World) -> None:
    """Ending what is not there is an error, not a success."""
    with pytest.raises(NotFound):
        end_task(world.broker, "task-nope", TaskState.ENDED, "test", "x")


def test_a_kill_reaches_every_task_before_it_takes_back_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that is slow to revoke one task's credential gives the other tasks of the scope no time to get more."""
    ids = [active_task(world.broker, USER).id for _ in range(3)]
    for task_id in ids:
        with world.broker.database.read() as tx:
            issue(world.broker, find_task(tx, task_id))
    seen: list[list[TaskState]] = []
    real = world.source.revoke

    def watched(lease: Lease) -> Line:
        with world.broker.database.read() as tx:
            seen.append([find_task(tx, one).state for one in ids])
        return real(lease)

    monkeypatch.setattr(world.source, "revoke", watched)
    assert len(kill_scope(world.broker, "all", "test", "because")) == 3
    assert seen == [[TaskState.KILLED] * 3] * 3
    assert len(recorded(world.broker, "broker:task:killed")) == 3


def test_a_lease_alone_is_killed_and_its_task_goes_on(world: World) -> None:
    """The order is on record; a lease that there is not is an error."""
    task = active_task(world.broker)
    first, second = issue(world.broker, task).lease, issue(world.broker, task, "key-0002").lease
    (receipt,) = kill_scope(world.broker, f"lease:{first.id}", "test", "seen in a chat")
    assert (receipt.complete, set(world.source.alive)) == (True, {second.id})
    assert recorded(world.broker, "broker:kill:ordered")[0]["scope"] == f"lease:{first.id}"
    assert "seen in a chat" in str(recorded(world.broker, "broker:lease:revoked")[0]["why"])
    with pytest.raises(NotFound):
        kill_scope(world.broker, "lease:lease-nope", "test", "x")


def test_a_tenant_is_told_by_its_sources_alone(tmp_path: Path) -> None:
    """Tasks of that tenant die, those of another and of none live on, whatever stands in their grants' scopes."""
    sources = {name: MemorySource() for name in ("memory", "memory@acme", "memory@acm")}
    grants = {
        "acme": Grant("db", "memory@acme", {}, ttl=300),
        "acm": Grant("db", "memory@acm", {}, ttl=300),
        "none": Grant("db", "memory", {"mail": "ops@acme"}, ttl=300),
    }
    policies = {name: task_policy(grant, name=name) for name, grant in grants.items()}
    broker = memory_broker(str(tmp_path / "s"), policies, sources)
    leases = {name: issue(broker, active_task(broker, USER, name)).lease.id for name in grants}
    receipts = kill_scope(broker, "tenant:acme", "test", "now")
    alive = {lease for source in sources.values() for lease in source.alive}
    assert (len(receipts), alive) == (1, {leases["acm"], leases["none"]})


def test_a_kill_needs_no_log(world: World) -> None:
    """Whoever numbers and signs the record may be away: what is killed is dead and recorded, and is numbered later."""
    task = active_task(world.broker)
    issue(world.broker, task)

    class Away:
        origin, remote = "test/log", False

        @property
        def key(self) -> object:
            raise SourceFailed("the signer does not answer")

    away: Any = Away()
    down = dataclasses.replace(world.broker, signer=away)
    with pytest.raises(SourceFailed):
        sequence(down.database, down.signer, down.clock)
    assert kill_scope(down, "all", "test", "now")[0].complete
    assert world.source.alive == {}
    assert sequence(world.broker.database, world.broker.signer, world.clock) >= len(recorded(world.broker))
