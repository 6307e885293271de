"""Certificates of workloads: one SPIFFE id, a leaf for signatures, or nobody."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.authenticate.spiffe import NotAWorkload, Svid, read
from tests.servers.certificates import Authority, Pair

GOOD = "spiffe://example.org/ns/ci/sa/runner"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def der(pair: Pair) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pair.certificate.read_text())


def test_a_workload_is_its_one_uri(authority: Authority) -> None:
    """Trust domain, path and end are read."""
    found = read(der(authority.workload("runner", GOOD)))
    assert (found.domain, found.path) == ("example.org", "/ns/ci/sa/runner")
    assert found.name == "example.org/ns/ci/sa/runner"
    assert isinstance(found, Svid)
    assert found.not_after > 1_700_000_000


@pytest.mark.parametrize(
    "uris",
    [
        (),
        (GOOD, "spiffe://example.org/other"),
        (GOOD, "https://example.org/"),
        (GOOD, GOOD),
        ("https://example.org/ns/ci",),
        ("spiffe://example.org",),
        ("spiffe://example.org/",),
        ("spiffe://example.org/a/",),
        ("spiffe://example.org//a",),
        ("spiffe://example.org/a/../b",),
        ("spiffe://example.org/.",),
        ("spiffe://Example.org/a",),
        ("SPIFFE://example.org/a",),
        ("spiffe://example.org:443/a",),
        ("spiffe://user@example.org/a",),
        ("spiffe://example.org/a?b",),
        ("spiffe://example.org/a#b",),
        ("spiffe://example.org/a%2fb",),
        ("spiffe://example.org/a b",),
        ("spiffe:///a",),
        ("spiffe://example.org/*",),
        ("spiffe://example.org/" + "x" * 600,),
    ],
)
def test_every_other_name_is_nobody(authority: Authority, uris: tuple[str, ...]) -> None:
    """No URI, two of them, another scheme, no path, anything that the standard's letters do not allow."""
    with pytest.raises(NotAWorkload):
        read(der(authority.workload("odd", *uris)))


def test_only_a_leaf_for_signatures_counts(authority: Authority, tmp_path: Path) -> None:
    """An authority's certificate, one that says nothing of its key, and a server's name no workload."""
    for pair in (
        authority.workload("ca", GOOD, authority=True),
        authority.workload("vague", GOOD, signs=False),
        authority.issue("server.example"),
    ):
        with pytest.raises(NotAWorkload):
            read(der(pair))


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_otherwise(data: bytes) -> None:
    """Whatever a peer sends is a workload or is none."""
    with pytest.raises(NotAWorkload):
        read(data)
