"""A real sshd on a spare loopback port that trusts one authority of certificates, and the real ssh beside it.

Who has a certificate for the principal that `running_sshd` is given logs in as whoever runs the tests. It runs under
that user alone; as root it needs Debian's folder for privilege separation.
"""

from __future__ import annotations

import contextlib
import dataclasses
import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from broker.lease import Minted
from tests.servers.process import spare_port, stop, wait_until

SECONDS = 20.0


@dataclasses.dataclass(frozen=True)
class Sshd:
    """A running server; its files and its log (`log`) lie in `folder`."""

    port: int
    folder: Path

    def log_in(self, minted: Minted, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`ssh ARGUMENTS` with the credential alone: no agent, no other key, no configuration."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            for name in ("private_key", "certificate"):
                file = Path(place, name)
                file.write_text(minted.fields[name].reveal() + "\n")
                file.chmod(0o600)
            options = (
                "BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none", "StrictHostKeyChecking=no",
                "UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null", "LogLevel=ERROR",
                f"CertificateFile={place}/certificate", f"IdentityFile={place}/private_key", "ConnectTimeout=10",
            )  # fmt: skip
            command = [_program("ssh"), "-F", "none", "-p", str(self.port), *(f"-o{one}" for one in options)]
            return subprocess.run(
                [*command, f"{getpass.getuser()}@127.0.0.1", *arguments],
                capture_output=True, text=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def revoke(self, listed: str) -> None:
        """Make the host's list of revoked keys of these lines, in the form of ssh-keygen's KRL specification."""
        spec = self.folder / "spec"
        spec.write_text(listed)
        _keygen("-k", "-f", str(self.folder / "revoked"), "-s", str(self.folder / "ca.pub"), str(spec))


@contextlib.contextmanager
def running_sshd(program: Path, authority: str, principal: str) -> Iterator[Sshd]:
    """Start `program`, which trusts `authority` (a public key's line) for `principal`; stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="sg-sshd-") as place:
        folder, port = Path(place), spare_port()
        (folder / "ca.pub").write_text(authority.strip() + "\n")
        (folder / "principals").write_text(principal + "\n")
        _keygen("-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host"))
        _keygen("-k", "-f", str(folder / "revoked"))
        (folder / "config").write_text(_settings(folder, port))
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with (folder / "log").open("wb") as log:
            command = [str(program), "-D", "-e", "-f", str(folder / "config")]
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until(lambda: _answers(port), process, SECONDS, "sshd")
            yield Sshd(port, folder)
        finally:
            stop(process, signal.SIGTERM)


def _settings(folder: Path, port: int) -> str:
    return f"""\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
TrustedUserCAKeys {folder}/ca.pub
AuthorizedPrincipalsFile {folder}/principals
AuthorizedKeysFile none
RevokedKeys {folder}/revoked
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
LogLevel VERBOSE
Subsystem sftp internal-sftp
"""


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            return link.recv(4) == b"SSH-"
    except OSError:
        return False


def _keygen(*arguments: str) -> None:
    subprocess.run([_program("ssh-keygen"), *arguments], check=True, capture_output=True, timeout=SECONDS)


def _program(name: str) -> str:
    return shutil.which(name) or f"/usr/bin/{name}"
