"""A real C2SP witness, litewitness, on a spare loopback port, the key in an ssh-agent of its own; gone afterwards."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.log.cosignature import Witness
from secretguard.audit.checkpoint import verifier_key
from tests.servers.process import spare_port, stop, wait_until

NAME = "witness.example/w1"
READY_SECONDS = 20.0
EMPTY = base64.b64encode(hashlib.sha256(b"").digest()).decode()


@dataclasses.dataclass(frozen=True)
class WitnessServer:
    """A running witness: its submission prefix, its name and key, and the database of what it has seen."""

    url: str
    witness: Witness
    database: Path

    def know(self, origin: str, key: Ed25519PublicKey) -> None:
        """Let it accept checkpoints of a log, as its operator would."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as link, link:
            link.execute("INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)", (origin, EMPTY))
            link.execute("INSERT INTO key (origin, key) VALUES (?, ?)", (origin, verifier_key(origin, key)))

    def seen(self, origin: str) -> int:
        """The size of the newest checkpoint of a log that it has signed."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as link:
            row = link.execute("SELECT tree_size FROM log WHERE origin = ?", (origin,)).fetchone()
        return int(row[0])


@contextlib.contextmanager
def running_witness(program: Path) -> Iterator[WitnessServer]:
    """Start `program` with an empty database and a new key."""
    folder = Path(tempfile.mkdtemp(prefix="sg-wit-"))
    environment = {"PATH": os.defpath, "HOME": str(folder)}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", folder / "agent"], env=environment, **quiet)  # type: ignore[call-overload]
    try:
        wait_until((folder / "agent").exists, agent, READY_SECONDS, "ssh-agent")
        key, fingerprint = _key(folder, environment)
        port = spare_port()
        command = [program, "-db", folder / "w.db", "-name", NAME, "-key", fingerprint, "-ssh-agent", folder / "agent"]
        server = subprocess.Popen([*command, "-listen", f"127.0.0.1:{port}"], env=environment, cwd=folder, **quiet)  # type: ignore[call-overload]
        try:
            wait_until(lambda: _answers(port), server, READY_SECONDS, "litewitness")
            yield WitnessServer(f"http://127.0.0.1:{port}", Witness(NAME, key), folder / "w.db")
        finally:
            stop(server, signal.SIGTERM)
    finally:
        stop(agent, signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


def _key(folder: Path, environment: dict[str, str]) -> tuple[Ed25519PublicKey, str]:
    """A new key in the agent; itself, and the fingerprint by which the witness finds it."""
    file = folder / "key"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]
    subprocess.run(make, env=environment, check=True, timeout=20)
    known = {**environment, "SSH_AUTH_SOCK": str(folder / "agent")}
    subprocess.run(["ssh-add", "-q", file], env=known, check=True, timeout=20, capture_output=True)
    blob = base64.b64decode(file.with_suffix(".pub").read_text().split()[1])
    fingerprint = base64.b64encode(hashlib.sha256(blob).digest()).rstrip(b"=").decode()
    return Ed25519PublicKey.from_public_bytes(blob[-32:]), f"SHA256:{fingerprint}"


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
