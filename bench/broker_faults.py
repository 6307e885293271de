"""Is anything ever lost? The broker killed at every step, replies dropped on the way, Vault's leader killed under load.

After each fault Vault is swept past the broker: a token of ours whose intent is not on record counts as a credential
without a record, as does one that somebody was given without the record saying so. Recovery is then run as it would
run some minutes later, and a token that no active task holds counts as an orphan. `n` is the sum of the faults: kills
of the broker, replies dropped and leaders killed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa

from bench.broker_crash import NEVER, Crasher, Place, place_of
from broker.errors import BrokerError, SourceFailed
from broker.issue import vault_accessors
from broker.recover import recover
from broker.revoke import end_task, kill_scope
from broker.service import Broker
from broker.store.database import Database, open_database
from broker.store.tables import events, leases, tasks
from broker.task import TaskState
from tests.broker.scenario import USER, active_task, issue
from tests.servers.loopback import Request, forward, loopback, reply
from tests.servers.provision import provision
from tests.servers.raft_vault import running_raft_vault
from tests.servers.vault import VaultServer
from tests.servers.vault_cluster import running_cluster

KILLS = int(os.environ.get("SECRETGUARD_KILLS", "1000"))
DROPS = int(os.environ.get("SECRETGUARD_DROPS", "1000"))
LEADERS = int(os.environ.get("SECRETGUARD_LEADERS", "3"))
AT_ONCE = 4
CHECK_EVERY = 100
SETTLED_SECONDS = 60
LATER = (240, 600)
"""Seconds after the fault at which recovery runs: every lost answer is certain by then, and no lease has expired."""


@dataclasses.dataclass(frozen=True)
class Lost:
    """What was found after `n` faults."""

    n: int
    unrecorded: int
    orphans: int


def measure(binary: Path) -> Lost:
    """All three kinds of faults, each on servers of its own."""
    found = [killed(binary, KILLS), dropped(binary, DROPS), led(binary, LEADERS)]
    return Lost(*(sum(column) for column in zip(*map(dataclasses.astuple, found), strict=True)))


def killed(binary: Path, kills: int) -> Lost:
    """The broker killed at one step of a task's life after another, round and round."""
    with _world(binary) as (_, place, world):
        crasher = Crasher(place)
        try:
            total, unrecorded = crasher.life(NEVER)[1], 0
            for number in range(kills):
                died, _, given = crasher.life(number % total)
                if not died:
                    raise RuntimeError(f"the life has no step {number % total} any more")
                world.given |= given
                if number % CHECK_EVERY == CHECK_EVERY - 1 or number == kills - 1:
                    unrecorded += world.unrecorded()
        finally:
            crasher.close()
        return Lost(kills, unrecorded, world.orphans())


def dropped(binary: Path, drops: int) -> Lost:
    """Replies to calls that make or revoke something dropped on their way from Vault to a broker under load."""
    chance, count, lock = random.Random(7), [0], threading.Lock()

    def tamper(asked: Request, status: int, body: bytes) -> Iterable[bytes] | None:
        drop = asked.path.endswith(("create", "-task", "revoke-accessor")) and chance.random() < 0.4
        with lock:
            drop = drop and count[0] < drops
            count[0] += drop
        return None if drop else reply(status, body)

    with _world(binary) as (server, place, world), loopback(forward(server.address, tamper)) as proxy:
        vaults = dataclasses.replace(place, address=proxy.address).vaults()
        with _load(place.broker(world.database, vaults), world):
            while count[0] < drops:
                time.sleep(0.05)
        vaults.close()
        return Lost(count[0], world.unrecorded(), world.orphans())


def led(binary: Path, leaders: int) -> Lost:
    """Three nodes whose leader is killed under load, and brought back before the next one is."""
    with tempfile.TemporaryDirectory() as name, running_cluster(binary) as cluster:
        folder = Path(name)
        ready = provision(cluster.leader(), None, folder)
        ready.vaults.close()
        with _world_of(place_of(ready, f"sqlite:///{folder}/store/broker.db", cluster.addresses)) as (place, world):
            vaults = place.vaults()
            with _load(place.broker(world.database, vaults), world):
                for _ in range(leaders):
                    _until_given(world, 20)
                    dead = cluster.kill_leader()
                    cluster.leader()
                    _until_given(world, 20)
                    cluster.bring_back(dead)
            vaults.close()
            return Lost(leaders, world.unrecorded(), world.orphans())


class World:
    """The store, and Vault as it is seen past the broker. `given` are the leases that somebody was handed."""

    def __init__(self, place: Place, database: Database) -> None:
        self.place, self.database = place, database
        self.given: set[str] = set()
        self.vaults = place.vaults()

    def unrecorded(self) -> int:
        """Tokens of ours without their intent on record, and leases that were given without a record of it."""
        with self.database.read() as tx:
            told = [json.loads(one) for one in tx.execute(sa.select(events.c.payload)).scalars()]
        intended = {one["lease"] for one in told if one["event"] == "broker:lease:intended"}
        intended |= {one["task"] for one in told if one["event"] == "broker:parent:intended"}
        issued = {one["lease"] for one in told if one["event"] == "broker:lease:issued"}
        return len(self._alive() - intended) + len(self.given - issued)

    def orphans(self) -> int:
        """Tokens that live after recovery and that no active task holds, and those that outlive a kill of all."""
        left = 0
        broker = self.place.broker(self.database, self.vaults)
        for seconds in LATER:
            recover(_later(broker, seconds))
        left += len(self._alive() - self._held())
        kill_scope(broker, "all", "bench", "the end")
        for seconds in LATER:
            recover(_later(broker, 10 * seconds))
        return left + len(self._alive())

    def _alive(self) -> set[str]:
        """Live tokens of ours by what their intent is recorded as: the lease, for a parent its task."""
        until = time.monotonic() + SETTLED_SECONDS
        while True:  # a cluster that has just lost its leader says nothing for some seconds
            try:
                found = vault_accessors.sweep(self.vaults.revoker, lambda _: True)
                break
            except SourceFailed:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
        return {token.meta.get("intent") or token.meta["task"] for token in found}

    def _held(self) -> set[str]:
        active = tasks.c.state == "active"
        issued = sa.select(leases.c.id).join(tasks, leases.c.task_id == tasks.c.id)
        with self.database.read() as tx:
            mine = set(tx.execute(issued.where(active, leases.c.state == "issued")).scalars())
            return mine | set(tx.execute(sa.select(tasks.c.id).where(active, tasks.c.parent_state == "open")).scalars())


def _later(broker: Broker, seconds: float) -> Broker:
    """The same broker some time from now."""
    return dataclasses.replace(broker, clock=lambda: time.time() + seconds)


@contextlib.contextmanager
def _world(binary: Path) -> Iterator[tuple[VaultServer, Place, World]]:
    with tempfile.TemporaryDirectory() as name, running_raft_vault(binary) as server:
        folder = Path(name)
        ready = provision(server, None, folder)
        ready.vaults.close()
        with _world_of(place_of(ready, f"sqlite:///{folder}/store/broker.db")) as (place, world):
            yield server, place, world


@contextlib.contextmanager
def _world_of(place: Place) -> Iterator[tuple[Place, World]]:
    database = open_database(place.store)
    world = World(place, database)
    try:
        yield place, world
    finally:
        world.vaults.close()
        database.close()


@contextlib.contextmanager
def _load(broker: Broker, world: World) -> Iterator[None]:
    """Tasks that start, get credentials and end, on AT_ONCE threads, and recovery beside them as in `broker serve`."""
    stop = threading.Event()
    threads = [threading.Thread(target=_work, args=(broker, world, stop)) for _ in range(AT_ONCE)]
    threads.append(threading.Thread(target=_recovering, args=(broker, stop)))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(120)


def _work(broker: Broker, world: World, stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(BrokerError):
            task = active_task(broker, USER)
            for number in range(6):
                with contextlib.suppress(BrokerError):
                    world.given.add(issue(broker, task, f"key-{number:04}").lease.id)
            if task.id[-1] in "02468ace":
                end_task(broker, task.id, TaskState.ENDED, "bench", "done")


def _recovering(broker: Broker, stop: threading.Event) -> None:
    while not stop.wait(1.0):
        with contextlib.suppress(BrokerError):
            recover(broker)


def _until_given(world: World, more: int) -> None:
    """Wait until credentials flow."""
    goal, until = len(world.given) + more, time.monotonic() + 120
    while len(world.given) < goal:
        if time.monotonic() > until:
            raise RuntimeError("no credentials came any more")
        time.sleep(0.05)
