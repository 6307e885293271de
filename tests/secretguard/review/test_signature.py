"""Signatures by real ssh-keygen."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from secretguard.errors import GuardError
from secretguard.review import signature


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True, timeout=30)
    return path


def allow(tmp_path: Path, key: Path, principal: str, options: str = "") -> str:
    public = " ".join(Path(f"{key}.pub").read_text().split()[:2])
    path = tmp_path / "allowed_signers"
    path.write_text(f"{principal} {options} {public}\n".replace("  ", " "))
    return str(path)


def test_signer_is_named_by_the_servers_file(tmp_path: Path, key: Path) -> None:
    """A good signature gives the principal of the allowed_signers line, in lower case."""
    signed = signature.sign(b"text", str(key))
    assert signature.signer(b"text", signed, allow(tmp_path, key, "Person@Example.com")) == "person@example.com"


def test_other_text_other_namespace_and_other_key_are_refused(tmp_path: Path, key: Path) -> None:
    """A signature counts for its own text, its own namespace and a listed key alone."""
    signers = allow(tmp_path, key, "p@example.com")
    signed = signature.sign(b"text", str(key))
    with pytest.raises(GuardError):
        signature.signer(b"text2", signed, signers)
    foreign = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-q", "-f", str(key), "-n", "git"], input=b"text", capture_output=True, timeout=30
    ).stdout
    with pytest.raises(GuardError):
        signature.signer(b"text", foreign, signers)
    (tmp_path / "empty").write_text("")
    with pytest.raises(GuardError):
        signature.signer(b"text", signed, str(tmp_path / "empty"))


def test_missing_reviewers_file_says_how_to_write_one(tmp_path: Path) -> None:
    """Without the file nobody can review, and the error shows a line of it."""
    with pytest.raises(GuardError, match="ssh-ed25519"):
        signature.signer(b"text", b"", str(tmp_path / "nowhere"))


def test_unusable_key_is_an_error_with_a_fix(tmp_path: Path) -> None:
    """A key file that is none gives a clear refusal to sign."""
    (tmp_path / "bad").write_text("not a key")
    with pytest.raises(GuardError, match="could not sign"):
        signature.sign(b"text", str(tmp_path / "bad"))
