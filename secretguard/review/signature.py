"""Signing and checking a review with SSH keys, by OpenSSH's own `ssh-keygen -Y` (ssh-keygen(1), the way git does it).

Who may review is a file in `allowed_signers` format on the server, which no push can change.
"""

from __future__ import annotations

import os
import subprocess
import tempfile

from secretguard.errors import GuardError
from secretguard.review.statement import NAMESPACE

DEADLINE_S = 20
SIGN_DEADLINE_S = 120  # a person may have to type a passphrase or touch a key


def sign(message: bytes, key: str) -> bytes:
    """The armoured signature over `message` by the private key file (or the public one of a key in an agent)."""
    done = _run(["-Y", "sign", "-q", "-f", key, "-n", NAMESPACE], message, SIGN_DEADLINE_S)
    if done.returncode != 0 or not done.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        raise GuardError(f"ssh-keygen could not sign with {key}", "check that the key exists and its passphrase")
    return done.stdout


def signer(message: bytes, armour: bytes, allowed_signers: str) -> str:
    """The principal (lower case) whose key signed `message`. Raises GuardError when nobody allowed did."""
    if not os.path.isfile(allowed_signers):
        raise GuardError(
            f"there is no reviewers' file {allowed_signers}",
            "write one line a reviewer: `person@example.com ssh-ed25519 AAAA...` (allowed_signers, ssh-keygen(1))",
        )
    with tempfile.TemporaryDirectory(prefix="secretguard-") as folder:
        path = os.path.join(folder, "review.sig")
        with open(path, "wb") as file:
            file.write(armour)
        named = _run(["-Y", "find-principals", "-s", path, "-f", allowed_signers], b"", DEADLINE_S)
        for principal in named.stdout.decode("utf-8", "replace").split():
            arguments = ["-Y", "verify", "-f", allowed_signers, "-I", principal, "-n", NAMESPACE, "-s", path]
            if _run(arguments, message, DEADLINE_S).returncode == 0:
                return principal.lower()
    raise GuardError(
        "the signature is not by a reviewer of this repository", f"reviewers are listed in {allowed_signers}"
    )


def _run(arguments: list[str], stdin: bytes, deadline: float) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["ssh-keygen", *arguments], input=stdin, capture_output=True, timeout=deadline, check=False
        )
    except FileNotFoundError:
        raise GuardError("ssh-keygen was not found", "install the package openssh-client") from None
    except subprocess.TimeoutExpired:
        raise GuardError(f"ssh-keygen took longer than {deadline:.0f} s") from None
