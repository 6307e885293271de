"""Recovery's promises on a real Vault: one pass for all lost answers, and the parent only where that pass fails."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from broker.errors import BrokerError
from broker.issue import vault_accessors
from broker.recover import recover
from broker.service import Broker
from broker.testing import memory_broker, task_policy
from broker.vault import Endpoint, Vault
from broker.vault_config import Vaults
from tests.broker.scenario import USER, active_task, issue, recorded
from tests.servers.loopback import Loopback, Request, forward, loopback, reply
from tests.servers.provision import Provisioned
from tests.vault.tasks import Sources, sources, through

pytestmark = pytest.mark.vault


class World:
    """A broker in this process on a real Vault: its issuer's and its revoker's calls pass through a proxy each."""

    def __init__(self, ready: Provisioned, folder: Path, making: Loopback, finding: Loopback) -> None:
        self.ready, self.finding = ready, finding
        issuer = through(ready, making.address).issuer
        revoker = Vault(Endpoint(finding.address), ready.table.revoker.identity(), repeats=True)
        self.vaults = Vaults(issuer, revoker)
        made: Sources = sources(ready, self.vaults)
        grant = dataclasses.replace(ready.token_grant, name="db", max_leases=50)
        held = memory_broker(
            str(folder / "s"), {"work": task_policy(grant)}, {"vault_token": made.tokens}, parents=made.parents
        )
        self.broker: Broker = dataclasses.replace(held, clock=time.time)

    def lose(self, task: object, key: str, lost: list[bool]) -> None:
        """One mint whose answer is dropped."""
        lost[:] = [True]
        with pytest.raises(BrokerError):
            issue(self.broker, task, key)  # type: ignore[arg-type]
        lost[:] = []


class Faults:
    """What the proxies do: drop the next answer to a mint, forbid the listing."""

    def __init__(self) -> None:
        self.lost: list[bool] = []
        self.blind = False

    def making(self, asked: Request, status: int, body: bytes) -> Iterable[bytes] | None:
        """Drops a child's mint."""
        return None if self.lost and asked.path.endswith("token/create") else reply(status, body)

    def finding(self, asked: Request, status: int, body: bytes) -> Iterable[bytes] | None:
        """Forbids to list."""
        forbidden = self.blind and "/accessors" in asked.path
        return reply(403, {"errors": ["permission denied"]}) if forbidden else reply(status, body)


@pytest.fixture
def faults() -> Faults:
    """None yet."""
    return Faults()


@pytest.fixture
def world(ready_vault: Provisioned, tmp_path: Path, faults: Faults) -> Iterator[World]:
    """A fresh one on the shared server."""
    address = ready_vault.server.address
    with contextlib.ExitStack() as stack:
        proxies = [stack.enter_context(loopback(forward(address, one))) for one in (faults.making, faults.finding)]
        made = World(ready_vault, tmp_path, *proxies)
        yield made
        made.vaults.issuer.close()
        made.vaults.revoker.close()
        made.broker.database.close()


def living(world: World, task_id: str) -> set[str]:
    """Intents of the task's tokens at Vault, its parent as such, past the proxies."""
    found = vault_accessors.sweep(world.ready.vaults.revoker, lambda meta: meta.get("task") == task_id)
    return {token.meta.get("intent", "parent") for token in found}


def test_many_lost_answers_are_one_pass_and_nothing_else_is_touched(world: World, faults: Faults) -> None:
    """One list of accessors for all that are lost; the task's other lease and its parent live on, at once, before any
    lifetime has passed; a second round asks for nothing more."""
    task = active_task(world.broker, USER)
    kept = issue(world.broker, task, "key-0000").lease.id
    for number in range(1, 6):
        world.lose(task, f"key-{number:04}", faults.lost)
    assert len(living(world, task.id)) == 7
    before = len(world.finding.asked("/accessors"))
    assert recover(world.broker).still_open == 0
    assert living(world, task.id) == {kept, "parent"}
    assert len(world.finding.asked("/accessors")) - before == 1
    assert recover(world.broker).leases == 0
    assert {record["revocation"] for record in recorded(world.broker, "broker:lease:revoked")} == {"confirmed"}


def test_the_parent_is_revoked_where_the_pass_is_forbidden(world: World, faults: Faults) -> None:
    """The revoker lost its right to list: the lost token dies at once with the task's parent and what hangs below it;
    another task's leases live on, and this task gets new ones below a new parent."""
    task, neighbour = active_task(world.broker, USER), active_task(world.broker, USER)
    issue(world.broker, task, "key-0000")
    theirs = issue(world.broker, neighbour, "key-0000").lease.id
    world.lose(task, "key-0001", faults.lost)
    faults.blind = True
    assert recover(world.broker).still_open == 0
    assert living(world, task.id) == set()
    assert living(world, neighbour.id) == {theirs, "parent"}
    assert len(recorded(world.broker, "broker:lease:revoked")) == 2
    fresh = issue(world.broker, task, "key-0002").lease.id
    assert living(world, task.id) == {fresh, "parent"}
