"""Three real Vaults on integrated storage (raft), whose leader can be killed and brought back.

A leader that is killed before the other nodes are voters takes the cluster with it, so `running_cluster` waits for that
(measured: 12 s after the first start). `performance_multiplier = 1` makes an election a matter of seconds.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests

from tests.servers.process import as_user, give, spare_port, stop, unprivileged, within_reach
from tests.servers.vault import VaultServer

NODES = 3
READY_SECONDS = 90.0
ACTIVE, STANDBY, NOT_INITIALISED = 200, 429, 501

CONFIG = """
storage "raft" {{
  path = "{folder}/data"
  node_id = "n{number}"
  performance_multiplier = 1
{joins}
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


@dataclasses.dataclass
class Cluster:
    """Three nodes, all up. `key` unseals one that was started again."""

    program: Path
    nodes: list[VaultServer]
    key: str

    @property
    def addresses(self) -> list[str]:
        """Of all nodes, alive or not."""
        return [node.address for node in self.nodes]

    def leader(self, seconds: float = READY_SECONDS) -> VaultServer:
        """The node that leads, as soon as one does."""
        found: list[VaultServer] = []

        def leads() -> bool:
            found[:] = [node for node in self.nodes if _health(node) == ACTIVE]
            return bool(found)

        _until(leads, seconds, "a leader")
        return found[0]

    def kill_leader(self) -> VaultServer:
        """SIGKILL to the leader; which node it was."""
        dead = self.leader()
        dead.process.kill()
        dead.process.wait(10)
        return dead

    def bring_back(self, dead: VaultServer) -> None:
        """Start a killed node again, unseal it, and wait until it stands by."""
        again = dataclasses.replace(dead, process=_process(self.program, dead.folder))
        self.nodes[self.nodes.index(dead)] = again
        _until(lambda: _health(again) == 503, READY_SECONDS, "a sealed node")
        again.do("PUT", "sys/unseal", {"key": self.key})
        _until(lambda: _health(again) in (ACTIVE, STANDBY), READY_SECONDS, "a standby")


@contextlib.contextmanager
def running_cluster(binary: Path) -> Iterator[Cluster]:
    """Start three nodes, with a KV engine at `secret/`; all of them are voters when the block begins."""
    user = unprivileged()
    with tempfile.TemporaryDirectory(prefix="sg-vaults-") as name:
        folder = Path(name)
        give(folder, user)
        program = within_reach(binary, folder) if user else binary
        ports = [(spare_port(), spare_port()) for _ in range(NODES)]
        cluster = Cluster(program, [_node(program, folder, number, ports) for number in range(NODES)], "")
        try:
            _form(cluster)
            yield cluster
        finally:
            for node in cluster.nodes:
                stop(node.process, signal.SIGTERM)


def _node(program: Path, home: Path, number: int, ports: list[tuple[int, int]]) -> VaultServer:
    user, folder, (port, cluster) = unprivileged(), home / f"n{number}", ports[number]
    for made in (folder, folder / "data"):
        made.mkdir()
        give(made, user)
    others = [f"http://127.0.0.1:{other}" for other, _ in ports if other != port]
    joins = "\n".join(f'  retry_join {{ leader_api_addr = "{other}" }}' for other in others)
    text = CONFIG.format(folder=folder, number=number, port=port, cluster=cluster, joins=joins)
    (folder / "vault.hcl").write_text(text)
    return VaultServer(f"http://127.0.0.1:{port}", "", _process(program, folder), folder)


def _process(program: Path, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(program), "server", f"-config={folder}/vault.hcl"],
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        cwd=folder,
        **as_user(unprivileged()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _form(cluster: Cluster) -> None:
    """Initialise one node, let the others join it, and wait until all may vote."""
    first = cluster.nodes[0]
    for node in cluster.nodes:
        _until(functools.partial(_is, node, NOT_INITIALISED), READY_SECONDS, "a node")
    keys = first.do("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
    cluster.key, root = keys["keys"][0], keys["root_token"]
    cluster.nodes[:] = [dataclasses.replace(node, root_token=root) for node in cluster.nodes]
    first = cluster.nodes[0]
    first.do("PUT", "sys/unseal", {"key": cluster.key})
    _until(lambda: _health(first) == ACTIVE, READY_SECONDS, "a leader")
    for node in cluster.nodes[1:]:
        _until(functools.partial(_unsealed, node, cluster.key), READY_SECONDS, "a standby")
    first.do("POST", "sys/storage/raft/autopilot/configuration", {"server_stabilization_time": "1s"})
    _until(lambda: _voters(first) == NODES, READY_SECONDS, "three voters")
    first.do("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
    _until(lambda: first.call("POST", "secret/data/ready", {"data": {}})[0] < 300, READY_SECONDS, "the KV engine")


def _unsealed(node: VaultServer, key: str) -> bool:
    """A node that joins takes the key before it can use it: ask until it stands by."""
    if _health(node) == STANDBY:
        return True
    with contextlib.suppress(requests.RequestException):
        node.call("PUT", "sys/unseal", {"key": key})
    return False


def _voters(node: VaultServer) -> int:
    answer: Any = node.do("GET", "sys/storage/raft/configuration")
    return sum(bool(server["voter"]) for server in answer["data"]["config"]["servers"])


def _is(node: VaultServer, status: int) -> bool:
    return _health(node) == status


def _health(node: VaultServer) -> int:
    """The status of sys/health; 0 while the node does not answer."""
    with contextlib.suppress(requests.RequestException), requests.Session() as session:
        session.trust_env = False
        return session.get(f"{node.address}/v1/sys/health", timeout=1).status_code
    return 0


def _until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise RuntimeError(f"{what}: not there after {seconds} s")
        time.sleep(0.1)
