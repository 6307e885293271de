"""For tests of this project and of its users: a broker in memory but for its store, with faults on demand.

The source double is the outside world: it survives a "crash" of the broker, and says afterwards what is still alive.
"""

from __future__ import annotations

import contextlib
import enum
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.errors import MaybeIssued, RecordFailed, SourceFailed
from broker.grant import Grant
from broker.issue.source import MintRequest, ParentSource, Source
from broker.lease import Lease, Minted
from broker.policy.in_force import Fixed
from broker.policy.policy_set import PolicySet
from broker.receipt import Line, Revocation
from broker.service import Broker
from broker.store.database import Database, open_database
from broker.store.log import Signer
from broker.store.sealed import Sealer
from broker.task_policy import TaskPolicy
from secretguard.policy.request import Decision
from secretguard.policy.table import CELLS, Policy
from secretguard.secret import Secret


class ManualClock:
    """Unix seconds that pass when a test says so."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class CrashError(BaseException):
    """The process dies here: nothing after this point runs, no handler of the broker's sees it."""


class Fault(enum.Enum):
    """What the source does instead of answering a mint."""

    REFUSE = "refuse"
    LOSE_REPLY = "the credential is made, the answer is lost"
    LOSE_REQUEST = "nothing is made, and that is not known"
    ERROR_AFTER = "the credential is made, the source then fails in an unforeseen way"
    CRASH_BEFORE = "the broker dies before the source is asked"
    CRASH_AFTER = "the broker dies after the credential was made"


class MemorySource:
    """A Source that keeps its credentials in a dictionary: lease id → value, as long as they live.

    `faults` are used up one a mint; `down` makes revoke and recover fail as an unreachable source does.
    """

    def __init__(self, needs_parent: bool = False, clock: Callable[[], float] | None = None) -> None:
        self.needs_parent = needs_parent
        self._clock = clock or ManualClock()
        self.alive: dict[str, str] = {}
        self.parents_used: dict[str, str] = {}
        self.minted: list[str] = []
        self.faults: list[Fault] = []
        self.down = False
        self._lock = threading.Lock()

    def mint(self, request: MintRequest) -> Minted:
        with self._lock:
            fault = self.faults.pop(0) if self.faults else None
        if fault is Fault.REFUSE:
            raise SourceFailed("the source says no")
        if fault is Fault.CRASH_BEFORE:
            raise CrashError
        if fault is Fault.LOSE_REQUEST:
            raise MaybeIssued("no answer")
        value = f"made-up-{secrets.token_hex(8)}"
        with self._lock:
            self.alive[request.lease_id] = value
            self.minted.append(request.lease_id)
            if request.parent is not None:
                self.parents_used[request.lease_id] = request.parent.reveal()
        if fault is Fault.LOSE_REPLY:
            raise MaybeIssued("no answer")
        if fault is Fault.ERROR_AFTER:
            raise ZeroDivisionError
        if fault is Fault.CRASH_AFTER:
            raise CrashError
        return Minted({"token": Secret(value)}, f"acc-{request.lease_id}", "", int(self._clock()) + request.ttl)

    def revoke(self, lease: Lease) -> Line:
        self._require_up()
        self.alive.pop(lease.id, None)
        return _line(lease, Revocation.CONFIRMED)

    def recover(self, lease: Lease) -> Line:
        self._require_up()
        found = self.alive.pop(lease.id, None)
        return _line(lease, Revocation.CONFIRMED if found else Revocation.NOTHING)

    def _require_up(self) -> None:
        if self.down:
            raise SourceFailed("the source is down")


class MemoryParents:
    """A ParentSource: accessor → task id, as long as they live. `lose_reply` loses one answer after the fact."""

    def __init__(self) -> None:
        self.alive: dict[str, str] = {}
        self.above: dict[str, str] = {}
        self.opened = 0
        self.lose_reply = False
        self.down = False

    def open_parent(
        self, task_id: str, grants: tuple[Grant, ...], ttl: int, above: Secret | None = None
    ) -> tuple[Secret, str]:
        """See `broker/issue/source.py`."""
        self.opened += 1
        accessor = f"parent-{self.opened}"
        self.alive[accessor] = task_id
        self.above[accessor] = above.reveal().removeprefix("made-up-").rsplit("-", 2)[0] if above else ""
        if self.lose_reply:
            self.lose_reply = False
            raise MaybeIssued("no answer")
        return Secret(f"made-up-{accessor}-{len(grants)}-{ttl}"), accessor

    def close_parent(self, accessor: str) -> None:
        """See `broker/issue/source.py`."""
        if self.down:
            raise SourceFailed("the source is down")
        for one, above in self.above.items():
            if above == accessor and one in self.alive:
                self.close_parent(one)
        self.alive.pop(accessor, None)

    def recover_parents(self, task_ids: Collection[str]) -> dict[str, int]:
        """See `broker/issue/source.py`."""
        if self.down:
            raise SourceFailed("the source is down")
        found = [accessor for accessor, owner in self.alive.items() if owner in task_ids]
        return dict(Counter(self.alive.pop(accessor) for accessor in found))


class FaultyDatabase(Database):
    """A store that fails at one chosen write, counted from 0.

    `how` is `refuse` (RecordFailed, nothing written), `crash` (dies before the commit) or `crash_after` (dies after
    it). `refuse_all` refuses every write, as a full disk does.
    """

    def __init__(self, engine: sa.Engine, fail_at: int = -1, how: str = "refuse") -> None:
        super().__init__(engine)
        self.fail_at, self.how = fail_at, how
        self.writes = 0
        self.refuse_all = False

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """As `Database.write`, with the fault."""
        now, self.writes = self.writes, self.writes + 1
        hit = now == self.fail_at
        if self.refuse_all or (hit and self.how == "refuse"):
            raise RecordFailed("the store refused a write (test)")
        with super().write() as connection:
            yield connection
            if hit and self.how == "crash":
                raise CrashError
        if hit and self.how == "crash_after":
            raise CrashError


def flat_policy(outcome: str = "allow", rule: str = "everything") -> Policy:
    """A policy set with one decision for every request."""
    decision = Decision(outcome, rule, f"the test says {outcome}")
    return Policy("0" * 64, [decision], [0] * CELLS, {"protected": {"paths": []}})


def task_policy(
    *grants: Grant, name: str = "work", launchers: Sequence[str] = ("unix:*", "jwt:corp:ada")
) -> TaskPolicy:
    """A task policy of the development environment with these grants, an hour long."""
    return TaskPolicy(name, "development", 3600, tuple(launchers), grants, digest=f"digest-of-{name}")


def memory_broker(
    directory: str,
    policies: Mapping[str, TaskPolicy],
    sources: Mapping[str, Source],
    *,
    parents: ParentSource | None = None,
    policy: Policy | None = None,
    clock: ManualClock | None = None,
    database: Database | None = None,
    operators: tuple[str, ...] = (),
) -> Broker:
    """A broker over SQLite in `directory` (or over `database`) and these sources, with fixed keys."""
    return Broker(
        database=database or open_database(f"sqlite:///{directory}/broker.db"),
        policies=Fixed(PolicySet("", policy or flat_policy(), policies)),
        sources=sources,
        parents=parents,
        sealer=Sealer(b"k" * 32),
        signer=Signer("test/log", Ed25519PrivateKey.from_private_bytes(b"s" * 32)),
        clock=clock or ManualClock(),
        operators=operators,
    )


def _line(lease: Lease, outcome: Revocation) -> Line:
    return Line(lease.id, lease.grant, lease.source, outcome, lease.expires_at)
