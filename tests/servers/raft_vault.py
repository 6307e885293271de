"""A real Vault on integrated storage (raft), one node, its data on a disk: what a small installation runs.

A development server keeps all in memory and never waits for a disk; whatever is compared with Vault's own speed is
compared with this one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from tests.servers.process import as_user, give, spare_port, stop, unprivileged, wait_until, within_reach
from tests.servers.vault import READY_SECONDS, VaultServer

CONFIG = """
storage "raft" {{
  path = "{folder}/data"
  node_id = "one"
}}
listener "tcp" {{
  address = "127.0.0.1:{port}"
  cluster_address = "127.0.0.1:{cluster}"
  tls_disable = true
}}
api_addr = "http://127.0.0.1:{port}"
cluster_addr = "https://127.0.0.1:{cluster}"
disable_mlock = true
"""


@contextlib.contextmanager
def running_raft_vault(binary: Path) -> Iterator[VaultServer]:
    """Start `binary`, data in a temporary folder; unsealed, with a KV engine at `secret/`; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="sg-vault-") as name:
        process, server = _started(binary, Path(name))
        try:
            wait_until(lambda: _answers(server), process, READY_SECONDS, "vault")
            yield _unsealed(server)
        finally:
            stop(process, signal.SIGTERM)


def _started(binary: Path, folder: Path) -> tuple[subprocess.Popen[bytes], VaultServer]:
    user = unprivileged()
    (folder / "data").mkdir()
    give(folder, user)
    give(folder / "data", user)
    port, cluster = spare_port(), spare_port()
    (folder / "vault.hcl").write_text(CONFIG.format(folder=folder, port=port, cluster=cluster))
    process = subprocess.Popen(
        [str(within_reach(binary, folder) if user else binary), "server", f"-config={folder}/vault.hcl"],
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        cwd=folder,
        **as_user(user),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return process, VaultServer(f"http://127.0.0.1:{port}", "", process, folder)


def _unsealed(server: VaultServer) -> VaultServer:
    """Initialised with one key share, unsealed with it, and leading: with its root token."""
    keys = server.do("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
    server.do("PUT", "sys/unseal", {"key": keys["keys"][0]})
    ready = dataclasses.replace(server, root_token=keys["root_token"])
    wait_until(lambda: ready.call("GET", "sys/health")[0] == 200, ready.process, READY_SECONDS, "vault's leader")
    ready.do("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
    until = time.monotonic() + READY_SECONDS
    while ready.call("POST", "secret/data/ready", {"data": {}})[0] >= 300:  # it brings its mount up beside
        if time.monotonic() > until:
            raise RuntimeError("vault's KV engine did not come up")
        time.sleep(0.05)
    return ready


def _answers(server: VaultServer) -> bool:
    with contextlib.suppress(requests.RequestException):
        return bool(server.call("GET", "sys/health")[0] == 501)  # not initialised yet
    return False
