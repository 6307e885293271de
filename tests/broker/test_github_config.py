"""The `[github]` table and the App's key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import ValidationError

from broker.github_config import GitHubTable, read_key
from secretguard.errors import ConfigError

GOOD = {"app": "Iv23liAbCdEfGhIjKlMn", "private_key_file": "/etc/app.pem"}


def pem(key: Any) -> bytes:
    """The key as OpenSSL writes it."""
    form = serialization.PrivateFormat.TraditionalOpenSSL
    written: bytes = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return written


@pytest.mark.parametrize(
    "wrong",
    [
        {"app": ""},
        {"app": 'x", "exp": 1'},
        {"private_key_file": "relative"},
        {"api": "http://github.example.org"},
        {"api": "https://github.example.org/"},
        {"api": "https://api.github.com@evil.example"},
        {"api": "https://api.github.com?x"},
        {"api": "https://api.github.com/api/../v3"},
        {"seconds": 61},
        {"token": "x"},
    ],
    ids=str,
)
def test_a_wrong_table_is_refused(wrong: dict[str, object]) -> None:
    """Each field has one form; GitHub Enterprise Server has a path, and http is for loopback alone."""
    for api in ("https://github.example.org/api/v3", "http://127.0.0.1:5000"):
        GitHubTable.model_validate(GOOD | {"api": api})
    with pytest.raises(ValidationError):
        GitHubTable.model_validate(GOOD | wrong)


def test_a_key_is_read_as_github_hands_it_out(tmp_path: Path) -> None:
    """PEM, of either form."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (tmp_path / "key").write_bytes(pem(key))
    (tmp_path / "key").chmod(0o600)
    read = read_key(GitHubTable(app="1", private_key_file=str(tmp_path / "key")))
    assert read.as_dict(private=False)["kty"] == "RSA"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no key",
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
    ],
    ids=["empty", "noise", "elliptic", "short"],
)
def test_any_other_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    """GitHub takes RS256 alone."""
    (tmp_path / "key").write_bytes(content)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(ConfigError, match=str(tmp_path / "key")):
        read_key(GitHubTable(app="1", private_key_file=str(tmp_path / "key")))
