"""Many leases at once: sources side by side, one commit for what came of it, and the parent as the last resort."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
import sqlalchemy as sa

from broker.errors import SourceFailed
from broker.grant import Grant
from broker.lease import Lease
from broker.receipt import Cause, Line, Revocation
from broker.recover import recover
from broker.service import Broker
from broker.store.rows import lease_of
from broker.store.tables import leases, tasks
from broker.taking_back import take_back_all
from broker.task import Task
from broker.testing import Fault, FaultyDatabase, ManualClock, MemoryParents, MemorySource, memory_broker, task_policy
from tests.broker.scenario import DB, active_task, attempt, issue, recorded

VAULTED = Grant("vault", "vaulted", {}, ttl=300, max_leases=9)


class Below(MemorySource):
    """A source below a parent that looks for many at once, and cannot where `blind`; its credentials die with the
    parent, as Vault's tokens do."""

    dies_with_parent = True

    def __init__(self, parents: MemoryParents) -> None:
        super().__init__(needs_parent=True)
        self.parents, self.blind, self.looks = parents, False, 0

    def recover_all(self, leases: Iterable[Lease]) -> dict[str, Line]:
        self.looks += 1
        if self.blind:
            raise SourceFailed("Vault forbids the look")
        return {lease.id: self.recover(lease) for lease in leases}

    def living(self) -> set[str]:
        """Those whose parent lives."""
        alive = {f"made-up-{accessor}-" for accessor in self.parents.alive}
        return {one for one in self.alive if any(self.parents_used[one].startswith(name) for name in alive)}


class World:
    """A broker with one such source and one of another kind."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.parents, self.other = ManualClock(), MemoryParents(), MemorySource()
        self.below = Below(self.parents)
        database = FaultyDatabase(memory_broker(str(folder / "s"), {}, {}).database.engine)
        self.database = database
        self.broker: Broker = memory_broker(
            "",
            {"work": task_policy(DB, VAULTED)},
            {"memory": self.other, "vaulted": self.below},
            parents=self.parents,
            clock=self.clock,
            database=database,
        )

    def lose(self, task: Task, key: str) -> None:
        """A credential whose answer is lost."""
        self.below.faults = [Fault.LOSE_REPLY]
        assert attempt(lambda: issue(self.broker, task, key, "vault"))

    def open_leases(self) -> list[Lease]:
        with self.broker.database.read() as tx:
            return [lease_of(row) for row in tx.execute(sa.select(leases).where(leases.c.state != "revoked")).all()]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A fresh one."""
    return World(tmp_path)


def test_a_look_that_works_touches_nothing_but_the_lost(world: World) -> None:
    """One look for all lost answers; the task's other leases, its parent and other tasks live on."""
    task = active_task(world.broker)
    kept = issue(world.broker, task, "key-0001", "vault").lease.id
    for number in range(2, 5):
        world.lose(task, f"key-{number:04}")
    recover(world.broker)
    assert (world.below.looks, set(world.below.alive)) == (1, {kept})
    assert len(world.parents.alive) == 1


def test_the_parent_goes_only_where_the_look_fails(world: World) -> None:
    """Lost and kept leases of that task are dead and on record at once, another task's are not; it can go on."""
    task, neighbour = active_task(world.broker), active_task(world.broker)
    kept = issue(world.broker, task, "key-0001", "vault").lease.id
    theirs = issue(world.broker, neighbour, "key-0001", "vault").lease.id
    world.lose(task, "key-0002")
    world.below.blind = True
    recover(world.broker)
    assert world.below.living() == {theirs}
    assert world.below.looks == 2, "asked twice before the parent is given up"
    told = {record["lease"]: record["why"] for record in recorded(world.broker, "broker:lease:revoked")}
    assert set(told) == {kept, *world.below.minted} - {theirs}
    assert "parent was revoked" in str(told[kept])
    assert issue(world.broker, task, "key-0003", "vault").lease.id in world.below.living()
    assert world.parents.opened == 3


def test_where_the_parent_cannot_be_revoked_either_it_stays_open(world: World) -> None:
    """Nothing is claimed, and the next round does it."""
    task = active_task(world.broker)
    world.lose(task, "key-0001")
    world.below.blind = world.parents.down = True
    recover(world.broker)
    assert [lease.state.value for lease in world.open_leases()] == ["uncertain"]
    world.parents.down = False
    world.clock.advance(10)
    recover(world.broker)
    assert (world.open_leases(), world.below.living()) == ([], set())


def test_what_does_not_die_with_its_token_is_not_called_dead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a database user behind a dead token nothing is known: queued, and confirmed when the look works again."""
    task = active_task(world.broker)
    world.lose(task, "key-0001")
    monkeypatch.setattr(Below, "dies_with_parent", False)
    world.below.blind = True
    lines = take_back_all(world.broker, world.open_leases(), lambda _: Cause("test", "test"))
    assert [line.revocation for line in lines.values()] == [Revocation.QUEUED]
    assert world.parents.alive == {}
    world.below.blind = False
    world.clock.advance(10)
    recover(world.broker)
    assert world.open_leases() == []


def test_a_source_that_hangs_does_not_hold_up_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are asked at the same time."""
    task = active_task(world.broker)
    issue(world.broker, task)
    issue(world.broker, task, "key-0002", "vault")
    other_done, real = threading.Event(), world.below.revoke

    def slow(lease: Lease) -> Line:
        assert other_done.wait(20), "the other source was asked meanwhile"
        return real(lease)

    def quick(lease: Lease) -> Line:
        other_done.set()
        return Line(lease.id, lease.grant, lease.source, Revocation.CONFIRMED, lease.expires_at)

    monkeypatch.setattr(world.below, "revoke", slow)
    monkeypatch.setattr(world.other, "revoke", quick)
    lines = take_back_all(world.broker, world.open_leases(), lambda _: Cause("test", "test"))
    assert {line.revocation for line in lines.values()} == {Revocation.CONFIRMED}


def test_many_are_recorded_in_one_commit_and_a_refused_one_leaves_them_open(world: World) -> None:
    """They are dead all the same; recovery sees them dead and records them."""
    task = active_task(world.broker)
    for number in range(3):
        issue(world.broker, task, f"key-{number:04}", "vault")
    world.database.fail_at = world.database.writes
    before = world.database.writes
    take_back_all(world.broker, world.open_leases(), lambda _: Cause("test", "test"))
    assert (world.below.alive, world.database.writes) == ({}, before + 1)
    assert len(world.open_leases()) == 3
    world.broker.tasks.over(task.id, task.state.KILLED, "test", "now")
    recover(world.broker)
    with world.broker.database.read() as tx:
        assert tx.execute(sa.select(tasks.c.parent_state)).scalar() == "closed"
    assert world.open_leases() == []
