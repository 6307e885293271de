"""One client of the speed bench, a process of its own: asks Vault itself, or the broker, as it is told line by line.

`python -m bench.broker_client` reads a `Setup` as its first line, then orders `{"side", "count"}` (answered with the
seconds of each call) or `{"side", "at", "until"}` (moments on the monotonic clock; answered with how many calls were
begun and done in between). One JSON line each way.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from broker.client import BrokerClient, Session, Waiting
from broker.grant import Grant
from broker.issue.source import MintRequest
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_token import VaultTokenSource
from broker.vault_config import IdentityTable, VaultTable, connect

ROOT = Path(__file__).resolve().parents[1]
SIDES = ("direct", "broker")
TTL = 300
A_TASK = 500
"""Credentials of one task: below the cap on what may live at once."""


@dataclasses.dataclass(frozen=True)
class Setup:
    """Where Vault and broker are, and how to log in. `name` is this client's own."""

    name: str
    address: str
    prefix: str
    issuer: dict[str, str]
    revoker: dict[str, str]
    policy: str
    socket: str


class Client:
    """Such a process, from the side of who started it."""

    def __init__(self, setup: Setup) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.broker_client"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.tell(dataclasses.asdict(setup))
        self.answer()

    def tell(self, order: object) -> None:
        """Send one line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Wait for one line. Raises RuntimeError when the process ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a client of the bench ended early")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def main() -> None:
    """Serve orders until standard input ends."""
    setup = Setup(**json.loads(sys.stdin.readline()))
    actions = {"direct": _direct(setup), "broker": _broker(setup)}
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        action = actions[order["side"]]
        counted = "count" in order
        answer: object = _times(action, order["count"]) if counted else _calls(action, order["at"], order["until"])
        print(json.dumps(answer), flush=True)


def _times(action: Callable[[], None], count: int) -> list[float]:
    samples = []
    for _ in range(count):
        began = time.perf_counter()
        action()
        samples.append(time.perf_counter() - began)
    return samples


def _calls(action: Callable[[], None], at: float, until: float) -> int:
    """How many whole calls of one side fit between two moments."""
    time.sleep(max(0.0, at - time.monotonic()))
    calls = 0
    while True:
        action()
        if time.monotonic() > until:
            return calls
        calls += 1


def _direct(setup: Setup) -> Callable[[], None]:
    """Mint below one parent with the client that the broker itself uses."""
    table = VaultTable(
        address=setup.address, prefix=setup.prefix,
        issuer=IdentityTable(**setup.issuer), revoker=IdentityTable(**setup.revoker),
    )  # fmt: skip
    vaults = connect(table)
    grant = Grant("notes", "vault_token", {"policy": setup.policy}, ttl=TTL)
    parents = VaultParent(vaults.issuer, vaults.revoker, table.task_role, table.task_role)
    source = VaultTokenSource(vaults.issuer, vaults.revoker)
    parent, _ = parents.open_parent(setup.name, (grant,), 12 * TTL)
    count = iter(range(10**9))

    def mint() -> None:
        request = MintRequest(setup.name, f"{setup.name}-{next(count)}", grant, TTL, "bench", parent)
        if not source.mint(request).accessor:
            raise RuntimeError("Vault made no token")

    return mint


def _broker(setup: Setup) -> Callable[[], None]:
    """Ask through a session, with the client that `broker run` uses; after A_TASK credentials another one."""
    client = BrokerClient(f"unix:{setup.socket}")
    sessions = (_session(client) for _ in iter(int, 1))
    turns = (session for session in sessions for _ in range(A_TASK))

    def ask() -> None:
        session = next(turns)
        answer = session.credentials("notes")
        if isinstance(answer, Waiting):
            raise RuntimeError(f"no credential was issued, {answer.approval_id} waits")  # noqa: TRY004

    return ask


def _session(client: BrokerClient) -> Session:
    started = client.start_task("bench", "measure")
    return client.activate(started.task_id, started.bootstrap)


if __name__ == "__main__":
    main()
