"""A broker that is killed with SIGKILL at a chosen step of a task's life, again and again, on a real store and Vault.

`python -m bench.broker_crash` reads a `Place` as its first line, then one number a line: the step at which the next
process dies. Each is a fork of this one, which has loaded everything and opened nothing. Steps are counted from 0: each
write to the store before it begins, before it commits and after, each call to Vault before it is sent and after its
answer came. A step that is never reached lets the life end by itself. The answer is a JSON line: how many steps were
passed, and the leases that had been handed out.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from broker.errors import BrokerError
from broker.grant import Grant
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_token import VaultTokenSource
from broker.revoke import end_task, revoke_lease
from broker.service import Broker
from broker.store.database import Database, attach_database
from broker.task import TaskState
from broker.testing import memory_broker, task_policy
from broker.vault import Vault
from broker.vault_answer import Answer
from broker.vault_config import IdentityTable, Vaults, VaultTable, connect
from tests.broker.scenario import USER, active_task, issue
from tests.servers.provision import Provisioned

ROOT = Path(__file__).resolve().parents[1]
TTL = 1800
NEVER = 10**9


@dataclasses.dataclass(frozen=True)
class Place:
    """Where the store and Vault are, and how to log in there."""

    store: str
    address: str
    others: list[str]
    prefix: str
    policy: str
    issuer: dict[str, str]
    revoker: dict[str, str]

    def vaults(self) -> Vaults:
        """New clients, which log in at their first call."""
        identities = (IdentityTable.model_validate(one) for one in (self.issuer, self.revoker))
        issuer, revoker = identities
        table = VaultTable(
            address=self.address, other_addresses=self.others, prefix=self.prefix, issuer=issuer, revoker=revoker
        )
        return connect(table)

    def broker(self, database: Database, vaults: Vaults) -> Broker:
        """A broker on that store and these clients, with one policy and the time of day."""
        grant = Grant("db", "vault_token", {"policy": self.policy}, ttl=TTL, max_leases=50, max_issues=50)
        role = f"{self.prefix}-task"
        made = memory_broker(
            "",
            {"work": task_policy(grant)},
            {"vault_token": VaultTokenSource(vaults.issuer, vaults.revoker)},
            parents=VaultParent(vaults.issuer, vaults.revoker, role, role),
            database=database,
        )
        return dataclasses.replace(made, clock=time.time)


def place_of(ready: Provisioned, store: str, others: list[str] | None = None) -> Place:
    """For a Vault that was made ready."""
    table = ready.table
    files = ("role_id_file", "secret_id_file")
    logins = [{name: str(getattr(one, name)) for name in files} for one in (table.issuer, table.revoker)]
    return Place(store, table.address, others or [], table.prefix, ready.token_grant.scope["policy"], *logins)


class Crasher:
    """That process, from the side of who started it."""

    def __init__(self, place: Place) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.broker_crash"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._tell(dataclasses.asdict(place))

    def life(self, step: int) -> tuple[bool, int, set[str]]:
        """One life that dies at `step`: whether it did, the steps that it passed, the leases that it was given."""
        self._tell(step)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the crashing broker ended early")
        told = json.loads(line)
        return told["killed"], told["steps"], set(told["leases"])

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _tell(self, order: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()


class Steps:
    """Counts steps; the process is gone at the chosen one. `told` is a pipe that outlives it."""

    def __init__(self, dies_at: int, told: int) -> None:
        self._dies_at, self._told, self._count = dies_at, told, 0
        self._lock = threading.Lock()

    def step(self) -> None:
        """One more."""
        with self._lock:
            if self._count == self._dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(60)
            self._count += 1
            os.write(self._told, b"step\n")

    def handed_out(self, lease_id: str) -> None:
        """Whoever asked has the credential."""
        os.write(self._told, lease_id.encode() + b"\n")


class DyingDatabase(Database):
    """A store with a step before each write, before its commit and after it."""

    def __init__(self, engine: sa.Engine, steps: Steps) -> None:
        super().__init__(engine)
        self._steps = steps

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """As `Database.write`."""
        self._steps.step()
        with super().write() as connection:
            yield connection
            self._steps.step()
        self._steps.step()


def _live(place: Place, steps: Steps) -> None:
    """One task: two credentials, one of them taken back early, then its end."""
    vaults = place.vaults()
    for one in (vaults.issuer, vaults.revoker):
        _dying(one, steps)
    broker = place.broker(DyingDatabase(attach_database(place.store).engine, steps), vaults)
    with contextlib.suppress(BrokerError):
        task = active_task(broker, USER)
        leases = []
        for key in ("key-0001", "key-0002"):
            leases.append(issue(broker, task, key).lease.id)
            steps.handed_out(leases[-1])
        revoke_lease(broker, leases[0])
        end_task(broker, task.id, TaskState.ENDED, "bench", "done")


def _dying(vault: Vault, steps: Steps) -> None:
    """A step before and after each call, logins included."""
    real = vault._send_to

    def send(*arguments: Any) -> Answer:
        steps.step()
        answer = real(*arguments)
        steps.step()
        return answer

    vault._send_to = send  # type: ignore[method-assign,assignment]


def main() -> None:
    """Serve orders until standard input ends."""
    place = Place(**json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            with contextlib.suppress(Exception):
                _live(place, Steps(int(line), write))
                os._exit(0)
            os._exit(1)
        os.close(write)
        with os.fdopen(read) as pipe:
            told = pipe.read().split()
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
            raise RuntimeError("a life ended with a fault of its own")
        leases = [one for one in told if one != "step"]
        answer = {"killed": os.WIFSIGNALED(status), "steps": len(told) - len(leases), "leases": leases}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
