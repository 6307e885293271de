"""A real Vault in development mode: in memory, unsealed, on a spare loopback port, gone afterwards.

`with running_vault(binary) as server:` takes about a third of a second. The program gets a home of its own and an
environment of two variables, so that no token or address of the person who runs the tests is seen or written.
"""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests

from broker.vault import Endpoint, Vault
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.servers.process import as_user, give, spare_port, stop, unprivileged, wait_until, within_reach

READY_SECONDS = 30.0


@dataclasses.dataclass(frozen=True)
class VaultServer:
    """A running server: its address, its root token, its process, and a folder that it may write to."""

    address: str
    root_token: str
    process: subprocess.Popen[bytes]
    folder: Path

    def root(self, seconds: float = 10.0) -> Vault:
        """The product's own client with the root token."""
        return Vault(Endpoint(self.address, seconds=seconds), FixedToken(Secret(self.root_token)))

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None, token: str = "") -> Any:
        """A raw call, independent of the product's client: (status, parsed body or None)."""
        with requests.Session() as session:
            session.trust_env = False
            headers = {"X-Vault-Token": token or self.root_token}
            answer = session.request(method, f"{self.address}/v1/{path}", json=body, headers=headers, timeout=20)
            return answer.status_code, answer.json() if answer.content else None

    def do(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """`call` as root for set-up work; raises AssertionError when Vault refuses."""
        status, answer = self.call(method, path, body)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    def alive(self, token: str) -> bool:
        """Whether Vault still knows `token`; costs none of its uses."""
        status, _ = self.call("POST", "auth/token/lookup", {"token": token})
        return bool(status == 200)


@contextlib.contextmanager
def running_vault(binary: Path, *flags: str) -> Iterator[VaultServer]:
    """Start `binary` with -dev and more `flags`; stop it at the end."""
    user = unprivileged()
    with tempfile.TemporaryDirectory(prefix="sg-vault-") as home:
        program = within_reach(binary, Path(home)) if user else binary
        give(Path(home), user)
        server = _started(program, home, user, flags)
        try:
            yield server
        finally:
            stop(server.process, signal.SIGTERM)


def _started(binary: Path, home: str, user: str | None, flags: tuple[str, ...]) -> VaultServer:
    problem: RuntimeError | None = None
    for _ in range(3):  # the spare port may be taken between looking and binding
        port, token = spare_port(), f"dev-{secrets.token_hex(12)}"
        command = [str(binary), "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={token}"]
        process = subprocess.Popen(
            [*command, f"-dev-listen-address=127.0.0.1:{port}", *flags],
            env={"HOME": home, "PATH": "/usr/bin:/bin"},
            cwd=home,
            **as_user(user),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        server = VaultServer(f"http://127.0.0.1:{port}", token, process, Path(home))
        try:
            wait_until(lambda server=server: _healthy(server), process, READY_SECONDS, "vault")
        except RuntimeError as reason:
            stop(process, signal.SIGTERM)
            problem = reason
        else:
            return server
    raise problem or RuntimeError("vault did not start")


def _healthy(server: VaultServer) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"{server.address}/v1/sys/health", timeout=1).status_code == 200
    except requests.RequestException:
        return False
