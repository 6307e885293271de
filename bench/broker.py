"""What the broker adds to Vault: one credential through `broker serve` against the same mint without it.

Both sides are the same Python, the same Vault and the same source; the broker adds HTTP over a Unix socket, the proof
of possession, the decision and the record (SQLite, fsync on every step).
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.figure import Figure
from bench.needs import Needs
from broker.client import Credential, Session
from broker.issue.source import MintRequest
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_token import VaultTokenSource
from scripts import parts
from tests.broker.served import Served
from tests.servers.provision import Provisioned, provision
from tests.servers.vault import running_vault

SAMPLES = 200
WARM_UP = 20

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


def run() -> list[Figure]:
    """The figures. Raises Needs without a Vault."""
    binary = parts.find("vault")
    if binary is None:
        raise Needs("a Vault server: make parts")
    with tempfile.TemporaryDirectory() as name, running_vault(binary) as server:
        folder = Path(name)
        ready = provision(server, None, folder)
        try:
            direct = _median(_direct(ready))
            through = _through(folder, ready)
        finally:
            ready.vaults.close()
    return [
        Figure(
            "added latency p50 ms 1 client",
            (through - direct) * 1000,
            "ms",
            SAMPLES,
            "<= 3",
            "the same mint without the broker",
            direct * 1000,
        )
    ]


def _direct(ready: Provisioned) -> Callable[[], None]:
    """Mint below one parent, as the broker's source does."""
    grant, role = ready.token_grant, ready.table.task_role
    parents = VaultParent(ready.vaults.issuer, ready.vaults.revoker, role, role)
    source = VaultTokenSource(ready.vaults.issuer, ready.vaults.revoker)
    parent, _ = parents.open_parent("task-bench", (grant,), 3600)
    count = iter(range(10**9))
    return lambda: _keep(source.mint(MintRequest("task-bench", f"lease-{next(count)}", grant, 300, "bench", parent)))


def _through(folder: Path, ready: Provisioned) -> float:
    """Median seconds of one credential through a running broker."""
    text = TASK.format(uid=os.geteuid(), policy=ready.token_grant.scope["policy"])
    served = Served(folder, f"sqlite:///{folder}/store/broker.db", {"bench": text}, ready.toml(), checks=False)
    with served.running(), served.client() as client:
        started = client.start_task("bench", "measure")
        session: Session = client.activate(started.task_id, started.bootstrap)
        median = _median(lambda: _keep(session.credentials("notes")))
        session.end()
    return median


def _keep(answer: object) -> None:
    if isinstance(answer, Credential) or hasattr(answer, "accessor"):
        return
    raise RuntimeError("no credential was issued")


def _median(action: Callable[[], None]) -> float:
    """Median seconds of one call after a warm-up."""
    for _ in range(WARM_UP):
        action()
    samples = []
    for _ in range(SAMPLES):
        began = time.perf_counter()
        action()
        samples.append(time.perf_counter() - began)
    return statistics.median(samples)
