"""What the broker's record tells of Vault tokens: from a broker's real events, lost answers among them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from broker.errors import BrokerError
from broker.revoke import end_task, revoke_lease
from broker.service import Broker
from broker.store.tables import events
from broker.task import TaskState
from broker.testing import ManualClock, MemoryParents, MemorySource, memory_broker, task_policy
from broker.vault_record import Known, known, tell
from secretguard.errors import ConfigError
from tests.broker.scenario import DB, active_task, issue, settle

VAULT = dataclasses.replace(DB, source="vault_token")


class World:
    """A broker whose Vault is a double, and another source that is none of this."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.parents = ManualClock(), MemoryParents()
        self.vault, self.other = MemorySource(needs_parent=True), MemorySource()
        other = dataclasses.replace(DB, name="other")
        sources = {"vault_token": self.vault, "memory": self.other}
        policies = {"work": task_policy(VAULT, other)}
        self.broker: Broker = memory_broker(str(folder), policies, sources, parents=self.parents, clock=self.clock)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Nothing has happened yet."""
    return World(tmp_path)


def test_leases_and_their_parent_are_told_and_other_sources_are_not(world: World) -> None:
    """With accessors and times, and how each ended."""
    task = active_task(world.broker)
    first, second = issue(world.broker, task).lease, issue(world.broker, task, "key-0002").lease
    issue(world.broker, task, "key-0003", "other")
    start = world.clock()
    world.clock.advance(10)
    revoke_lease(world.broker, first.id)
    told = known(world.broker.database)
    parent = told[f"parent of {task.id}"]
    assert told.keys() == {first.id, second.id, parent.name}
    one = told[first.id]
    assert (one.kind, one.task, one.accessor, one.end) == ("lease", task.id, first.accessor, "confirmed")
    assert (one.intended, one.minted, one.ended) == (start, start, start + 10)
    assert (parent.kind, parent.accessor, parent.end, told[second.id].end) == ("parent", "parent-1", "", "")
    assert known(world.broker.database, since=start + 11).keys() == {second.id, parent.name}
    end_task(world.broker, task.id, TaskState.ENDED, "test", "done")
    assert known(world.broker.database)[parent.name].end == "confirmed"


@pytest.mark.parametrize(("outcome", "end"), [("expires", "confirmed"), ("standing", "confirmed"), ("queued", "")])
def test_a_token_is_dead_whatever_else_lives_on(outcome: str, end: str) -> None:
    """The receipt of a certificate or a value is not about the token behind it, which was killed."""
    found: dict[str, Known] = {}
    about = {"task": "t", "lease": "l", "time": "2026-11-25T12:00:00Z"}
    tell(found, "broker:lease:intended", {**about, "source": "ssh"})
    tell(found, "broker:lease:minted", {**about, "accessor": "a"})
    tell(found, "broker:lease:revoked", {**about, "revocation": outcome})
    assert found["l"].end == end


def test_lost_answers_are_told(world: World) -> None:
    """A lease and a parent of which no accessor was recorded, before and after recovery."""
    task = active_task(world.broker)
    world.parents.lose_reply = world.parents.down = True  # it cannot be looked for at once
    with pytest.raises(BrokerError):
        issue(world.broker, task)
    name = f"parent of {task.id}"
    assert known(world.broker.database)[name].pending
    world.parents.down = False
    settle(world.broker, world.clock, rounds=1)
    lost = known(world.broker.database)[name]
    assert (lost.end, lost.lost, lost.pending) == ("nothing", 1, False)
    issue(world.broker, task, "key-0002")
    again = known(world.broker.database)[name]
    assert (again.accessor, again.end, again.lost) == ("parent-2", "", 1)


def test_a_record_that_cannot_be_read_is_an_error(world: World) -> None:
    """Not an empty answer, which would look like a broker that made nothing."""
    with world.broker.database.write() as tx:
        tx.execute(events.insert().values(event="broker:lease:minted", task_id="", payload="{"))
    with pytest.raises(ConfigError, match="not readable"):
        known(world.broker.database)
