"""How fast credentials come through the broker, against the same Vault asked by the same Python client without it.

Clients are processes of their own, warm, and each asks both sides in turn: what the machine does beside it meets both.
Vault is one node on integrated storage, on the disk that the broker's store is on.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.broker_client import SIDES, Client, Setup
from broker.vault_config import IdentityTable
from tests.broker.served import Served
from tests.servers.provision import Provisioned, provision
from tests.servers.raft_vault import running_raft_vault

SAMPLES, BLOCK, WARM_UP = 600, 25, 25
ROUNDS, WINDOW = 6, 1.5
"""Rounds of one window of seconds a side; which side comes first changes from round to round."""

TASK = """
name = "bench"
environment = "development"
deadline = 3600
launchers = ["unix:{uid}"]
[grants.notes]
source = "vault_token"
scope = {{ policy = "{policy}" }}
ttl = 300
max_leases = 1000
max_issues = 100000
"""


@dataclasses.dataclass(frozen=True)
class Latency:
    """Median seconds of one call of one client, and how many calls each side made."""

    direct: float
    broker: float
    n: int


@dataclasses.dataclass(frozen=True)
class Throughput:
    """Credentials a second of all clients, the median of the rounds; `ratio` is the median of each round's broker over
    direct, `n` how many credentials the broker issued."""

    direct: float
    broker: float
    ratio: float
    n: int


@contextlib.contextmanager
def running(binary: Path) -> Iterator[Bench]:
    """A Vault, a broker before it, and what makes clients of both."""
    with tempfile.TemporaryDirectory() as name, running_raft_vault(binary) as server:
        folder = Path(name)
        ready = provision(server, None, folder)
        text = TASK.format(uid=os.geteuid(), policy=ready.token_grant.scope["policy"])
        served = Served(folder, f"sqlite:///{folder}/store/broker.db", {"bench": text}, ready.toml(), checks=False)
        try:
            with served.running():
                yield Bench(ready, served)
        finally:
            ready.vaults.close()


@dataclasses.dataclass(frozen=True)
class Bench:
    """Both servers, ready."""

    ready: Provisioned
    served: Served

    def latency(self) -> Latency:
        """One client, in blocks of calls that alternate between the sides."""
        samples: dict[str, list[float]] = {side: [] for side in SIDES}
        with self._clients(1) as [client]:
            for _ in range(SAMPLES // BLOCK):
                for side in SIDES:
                    client.tell({"side": side, "count": BLOCK})
                    samples[side] += client.answer()
        direct, broker = (statistics.median(samples[side]) for side in SIDES)
        return Latency(direct, broker, SAMPLES)

    def throughput(self, clients: int) -> Throughput:
        """That many clients at once, all on one side for a window, then all on the other."""
        counts: dict[str, list[int]] = {side: [] for side in SIDES}
        with self._clients(clients) as crowd:
            for turn in range(ROUNDS):
                for side in SIDES if turn % 2 else SIDES[::-1]:
                    counts[side].append(_window(crowd, side))
        ratio = statistics.median(b / d for d, b in zip(counts["direct"], counts["broker"], strict=True))
        direct, broker = (statistics.median(counts[side]) / WINDOW for side in SIDES)
        return Throughput(direct, broker, ratio, sum(counts["broker"]))

    @contextlib.contextmanager
    def _clients(self, count: int) -> Iterator[list[Client]]:
        with contextlib.ExitStack() as stack:
            crowd = []
            for number in range(count):
                client = Client(self._setup(f"bench-{count}-{number}"))
                stack.callback(client.close)
                for side in SIDES:
                    client.tell({"side": side, "count": WARM_UP})
                    client.answer()
                crowd.append(client)
            yield crowd

    def _setup(self, name: str) -> Setup:
        table = self.ready.table
        issuer, revoker = (_files(login) for login in (table.issuer, table.revoker))
        policy = self.ready.token_grant.scope["policy"]
        return Setup(name, table.address, table.prefix, issuer, revoker, policy, str(self.served.socket))


def _files(login: IdentityTable) -> dict[str, str]:
    return {"role_id_file": str(login.role_id_file), "secret_id_file": str(login.secret_id_file)}


def _window(crowd: list[Client], side: str) -> int:
    at = time.monotonic() + 0.1
    for client in crowd:
        client.tell({"side": side, "at": at, "until": at + WINDOW})
    return sum(client.answer() for client in crowd)
