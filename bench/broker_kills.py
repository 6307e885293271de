"""How long it takes until credentials are dead: one task, everything, what a crash left, one that leaked.

Vault is one node on integrated storage. Times run from the call to the receipt that says *confirmed*; after each, Vault
is asked about every token by its value, past the broker, and one that lives fails the bench. `kill all` is compared
with what Vault takes alone for as many that were made without the broker: all parents revoked by accessor, as many
calls at once as the broker makes (`revoke-prefix` over the token role is slower); for database users, `revoke-prefix`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from broker import pipeline
from broker.client import BrokerClient, Credential, Session
from broker.errors import MaybeIssued
from broker.grant import Grant
from broker.issue.source import MintRequest, Source
from broker.issue.vault_database import VaultDatabaseSource
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_token import VaultTokenSource
from broker.lease import Lease, Minted
from broker.receipt import Line
from broker.recover import recover
from broker.service import Broker
from broker.taking_back import WORKERS
from broker.testing import memory_broker, task_policy
from tests.broker.scenario import USER, active_task
from tests.broker.served import Served
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.provision import Provisioned, provision
from tests.servers.raft_vault import running_raft_vault
from tests.servers.vault import VaultServer

LIVE, EACH = 1000, 10
"""Token leases that live at once, and how many of them one task has."""

DATABASE_LIVE = 200
KILLS, EXPOSURES, ROUNDS = 200, 200, 3
AT_ONCE = 8
REVOKE = ("auth", "token", "revoke-accessor")
TTL = 1800

Item = TypeVar("Item")
Result = TypeVar("Result")

TASK = """
name = "bench"
environment = "development"
deadline = 3000
launchers = ["unix:*"]
[grants.notes]
source = "vault_token"
scope = {{ policy = "{policy}" }}
ttl = 1800
max_leases = 1000
max_issues = 100000
reissue_on_exposure = true
[grants.database]
source = "database"
scope = {{ role = "{role}", policy = "{database_policy}" }}
ttl = 1800
max_leases = 1000
max_issues = 100000
"""


@dataclasses.dataclass(frozen=True)
class Timed:
    """Seconds, and over how many samples."""

    seconds: float
    n: int


@dataclasses.dataclass(frozen=True)
class Compared:
    """The median of the rounds' ratios, with the medians of both sides in seconds."""

    ratio: float
    ours: float
    theirs: float
    n: int


@dataclasses.dataclass(frozen=True)
class Deaths:
    """All that is measured here."""

    kill_task: Timed
    exposure: Timed
    kill_all: Compared
    kill_all_databases: Compared
    recovery: Timed


def measure(vault: Path, postgres: Path) -> Deaths:
    """With servers of its own. Raises RuntimeError where something lives that was called dead."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_raft_vault(vault))
        databases = stack.enter_context(running_postgres(postgres))
        bench = stack.enter_context(_bench(server, databases, folder))
        return Deaths(
            bench.kill_task(), bench.exposures(), bench.kill_all(), bench.kill_all_databases(), bench.recovery()
        )


@contextlib.contextmanager
def _bench(server: VaultServer, postgres: PostgresServer, folder: Path) -> Iterator[Bench]:
    ours, theirs = (_provisioned(server, postgres, folder / name) for name in ("ours", "theirs"))
    scope = ours.database_grant.scope
    text = TASK.format(policy=ours.token_grant.scope["policy"], role=scope["role"], database_policy=scope["policy"])
    served = Served(folder, f"sqlite:///{folder}/store/broker.db", {"bench": text}, ours.toml(), checks=False)
    try:
        with served.running(), served.client() as client, served.client("olga") as olga:
            yield Bench(server, ours, theirs, client, olga, folder)
    finally:
        ours.vaults.close()
        theirs.vaults.close()


def _provisioned(server: VaultServer, postgres: PostgresServer, folder: Path) -> Provisioned:
    folder.mkdir()
    return provision(server, postgres, folder)


@dataclasses.dataclass(frozen=True)
class Held:
    """A task with its session and the values of its live tokens."""

    task_id: str
    session: Session
    tokens: list[str]


@dataclasses.dataclass(frozen=True)
class Bench:
    """A broker and its Vault; `theirs` is set up alike for what is made without the broker."""

    server: VaultServer
    ours: Provisioned
    theirs: Provisioned
    client: BrokerClient
    operator: BrokerClient
    folder: Path

    def kill_task(self) -> Timed:
        """One task after another out of LIVE leases; each is replaced by a new one before the next is killed."""
        held, seconds = self._population(LIVE), []
        for _ in range(KILLS):
            one = held.pop(0)
            began = time.perf_counter()
            receipt = self.operator.kill(one.task_id, "bench")
            seconds.append(time.perf_counter() - began)
            if not receipt.complete:
                raise RuntimeError("a task's receipt is not complete")
            self._require_dead(one.tokens)
            held.append(self._task(EACH))
        return Timed(_p99(seconds), KILLS)

    def exposures(self) -> Timed:
        """A launcher reports the value of one of the leases that `kill_task` has left alive."""
        seconds = []
        one = self._task(EXPOSURES)
        for token in one.tokens:
            began = time.perf_counter()
            answer = self.client.expose("bench", sha256=hashlib.sha256(token.encode()).hexdigest())
            seconds.append(time.perf_counter() - began)
            if not answer["leases"]:
                raise RuntimeError("a leaked token was not known again")
            self._require_dead([token])
        return Timed(_p99(seconds), EXPOSURES)

    def kill_all(self) -> Compared:
        """`kill all` over LIVE leases, against revoking as many parents with as many tokens below them."""
        self.operator.kill_scope("all")
        ours, theirs = [], []
        for _ in range(ROUNDS):
            parents, tokens = self._direct_tokens()
            theirs.append(self._revoke(parents))
            self._require_dead(tokens)
            held = self._population(LIVE)
            ours.append(self._kill_all())
            self._require_dead([token for one in held for token in one.tokens])
        return _compared(ours, theirs, LIVE * ROUNDS)

    def kill_all_databases(self) -> Compared:
        """The same with database users, each dropped in PostgreSQL."""
        ours, theirs = [], []
        for _ in range(ROUNDS):
            self._direct_users()
            role = self.theirs.database_grant.scope["role"]
            theirs.append(self._revoke_prefix(f"{self.theirs.table.database_mount}/creds/{role}"))
            tasks = [self._started() for _ in range(DATABASE_LIVE // EACH)]
            _at_once(lambda one: [_issued(one, "database") for _ in range(EACH)], tasks)
            ours.append(self._kill_all())
        return _compared(ours, theirs, DATABASE_LIVE * ROUNDS)

    def recovery(self) -> Timed:
        """LIVE mints whose answer was lost, found and revoked by one round of recovery."""
        seconds = []
        for number in range(ROUNDS):
            lost = Lost(VaultTokenSource(self.ours.vaults.issuer, self.ours.vaults.revoker))
            broker = self._recovering(number, lost)
            tasks = [active_task(broker, USER) for _ in range(LIVE // EACH)]
            for at, task in enumerate(tasks):
                for key in range(EACH):
                    with contextlib.suppress(MaybeIssued):
                        pipeline.credentials(broker, task, "notes", None, f"key-{at:05}-{key:05}")
            began = time.perf_counter()
            done = recover(broker)
            seconds.append(time.perf_counter() - began)
            if (done.leases, done.still_open) != (LIVE, 0):
                raise RuntimeError(f"recovery left {done.still_open} of {done.leases} open")
            self._require_dead(lost.tokens)
            broker.database.close()
        return Timed(statistics.median(seconds), LIVE * ROUNDS)

    def _recovering(self, number: int, lost: Lost) -> Broker:
        """A broker in this process, with a store of its own, whose mints all lose their answer."""
        grant = dataclasses.replace(self.ours.token_grant, ttl=TTL, max_leases=LIVE, max_issues=LIVE)
        role, vaults = self.ours.table.task_role, self.ours.vaults
        broker = memory_broker(
            str(self.folder / f"recovery-{number}"),
            {"work": task_policy(grant)},
            {"vault_token": lost},
            parents=VaultParent(vaults.issuer, vaults.revoker, role, role),
        )
        return dataclasses.replace(broker, clock=time.time)

    def _population(self, leases: int) -> list[Held]:
        return _at_once(lambda _: self._task(EACH), list(range(leases // EACH)))

    def _task(self, leases: int) -> Held:
        session = self._started()
        credentials = [_issued(session, "notes") for _ in range(leases)]
        return Held(session.task_id, session, [one.fields["token"].reveal() for one in credentials])

    def _started(self) -> Session:
        started = self.client.start_task("bench", "measure")
        return self.client.activate(started.task_id, started.bootstrap)

    def _kill_all(self) -> float:
        began = time.perf_counter()
        answer = self.operator.kill_scope("all")
        seconds = time.perf_counter() - began
        if answer["complete"] is not True:
            raise RuntimeError("the receipts of `kill all` are not complete")
        return seconds

    def _revoke_prefix(self, prefix: str) -> float:
        root = self.server.root(seconds=300)
        began = time.perf_counter()
        root.ask("put", "sys", "leases", "revoke-prefix", *prefix.split("/"), body={"sync": True}).or_failed("vault")
        seconds = time.perf_counter() - began
        root.close()
        return seconds

    def _revoke(self, accessors: list[str]) -> float:
        revoker = self.theirs.vaults.revoker
        began = time.perf_counter()
        with ThreadPoolExecutor(WORKERS) as pool:
            for answer in pool.map(lambda one: revoker.ask("post", *REVOKE, body={"accessor": one}), accessors):
                answer.or_failed("vault")
        return time.perf_counter() - began

    def _direct_tokens(self) -> tuple[list[str], list[str]]:
        """Parents and children as the broker would make them, without it: the parents' accessors, the children."""
        source = VaultTokenSource(self.theirs.vaults.issuer, self.theirs.vaults.revoker)
        grant = self.theirs.token_grant
        made = _at_once(lambda number: self._direct(source, grant, f"token-{number}"), range(LIVE // EACH))
        return [accessor for accessor, _ in made], [one.fields["token"].reveal() for _, some in made for one in some]

    def _direct_users(self) -> None:
        vaults, mount = self.theirs.vaults, self.theirs.table.database_mount
        source = VaultDatabaseSource(vaults.issuer, vaults.revoker, mount=mount)
        grant = self.theirs.database_grant
        _at_once(lambda number: self._direct(source, grant, f"user-{number}"), range(DATABASE_LIVE // EACH))

    def _direct(self, source: Source, grant: Grant, task: str) -> tuple[str, list[Minted]]:
        vaults, role = self.theirs.vaults, self.theirs.table.task_role
        parent, accessor = VaultParent(vaults.issuer, vaults.revoker, role, role).open_parent(task, (grant,), 2 * TTL)
        orders = [MintRequest(task, f"{task}-{number}", grant, TTL, "bench", parent) for number in range(EACH)]
        return accessor, [source.mint(order) for order in orders]

    def _require_dead(self, tokens: list[str]) -> None:
        alive = sum(_at_once(self.server.alive, tokens))
        if alive:
            raise RuntimeError(f"{alive} of {len(tokens)} tokens live after they were confirmed dead")


class Lost:
    """A source whose mints are carried out and whose answers are lost; `tokens` are the values, for the check."""

    needs_parent = True

    def __init__(self, real: VaultTokenSource) -> None:
        self.real = real
        self.tokens: list[str] = []

    def mint(self, request: MintRequest) -> Minted:
        """See `broker/issue/source.py`."""
        self.tokens.append(self.real.mint(request).fields["token"].reveal())
        raise MaybeIssued("the answer was lost")

    def revoke(self, lease: Lease) -> Line:
        """See `broker/issue/source.py`."""
        return self.real.revoke(lease)

    def recover(self, lease: Lease) -> Line:
        """See `broker/issue/source.py`."""
        return self.real.recover(lease)

    def recover_all(self, leases: Iterable[Lease]) -> dict[str, Line]:
        """See `broker/issue/source.py`."""
        return self.real.recover_all(leases)


def _issued(session: Session, grant: str) -> Credential:
    answer = session.credentials(grant)
    if not isinstance(answer, Credential):
        raise RuntimeError("no credential was issued")  # noqa: TRY004
    return answer


def _at_once(action: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(action, items))


def _p99(seconds: list[float]) -> float:
    """The 99th percentile by the nearest rank."""
    return sorted(seconds)[math.ceil(0.99 * len(seconds)) - 1]


def _compared(ours: list[float], theirs: list[float], n: int) -> Compared:
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    return Compared(ratio, statistics.median(ours), statistics.median(theirs), n)
