"""A workload's side of mutual TLS (what a broker makes of it is in `authenticate/test_mutual_tls.py`)."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from broker.client_tls import context
from secretguard.errors import ConfigError
from tests.servers.certificates import Authority


def test_a_renewed_certificate_is_used_from_the_next_connection_on(tmp_path: Path) -> None:
    """The files are followed; the server is always checked."""
    authority = Authority(tmp_path)
    pair = authority.workload("me", "spiffe://example.org/me")
    made = context(str(authority.file), str(pair.certificate), str(pair.key))
    first = made.current()
    assert (first.verify_mode, first.check_hostname) == (ssl.CERT_REQUIRED, True)
    authority.workload("me", "spiffe://example.org/me")
    assert made.current() is not first


def test_half_of_the_files_is_an_error(tmp_path: Path) -> None:
    """A certificate without its key, a key of another, an authority that is none."""
    authority = Authority(tmp_path)
    pair, other = authority.workload("me", "spiffe://example.org/me"), authority.workload("x", "spiffe://example.org/x")
    (tmp_path / "none").write_text("x")
    for files in (
        ("", str(pair.certificate), ""),
        ("", "", str(pair.key)),
        ("", str(pair.certificate), str(other.key)),
        (str(tmp_path / "none"), "", ""),
        (str(tmp_path / "missing"), "", ""),
    ):
        with pytest.raises(ConfigError):
            context(*files)
