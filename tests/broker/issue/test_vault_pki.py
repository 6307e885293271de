"""Answers of the pki engine that are not what was asked for; the real engine and handshakes are in `tests/vault`."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from broker.errors import MaybeIssued, SourceFailed
from broker.grant import Grant
from broker.issue.vault_pki import VaultPkiSource, policy_rules, revoker_rules, weakness
from broker.receipt import Revocation
from tests.broker.issue.answering import both, issued, order, vault
from tests.servers.loopback import Loopback, Request, loopback, reply

SCOPE = {"policy": "web", "role": "agent", "common_name": "a.example.org", "uri_sans": "spiffe://example.org/a"}
GRANT = Grant("web", "pki", SCOPE, 60)
LEASE_ID = "pki/issue/agent/abc"


def data(
    *,
    name: str = "a.example.org",
    names: tuple[str, ...] = ("a.example.org",),
    uris: tuple[str, ...] = ("spiffe://example.org/a",),
    seconds: int = 60,
    authority: bool = False,
    own_key: bool = True,
) -> dict[str, Any]:
    """What the engine would tell of a certificate."""
    key, signer = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(0x1234AB).not_valid_before(now - datetime.timedelta(hours=2))
    made = made.not_valid_after(now + datetime.timedelta(seconds=seconds))
    general = [*(x509.DNSName(one) for one in names), *(x509.UniformResourceIdentifier(one) for one in uris)]
    if general:
        made = made.add_extension(x509.SubjectAlternativeName(general), False)
    made = made.add_extension(x509.BasicConstraints(authority, None), True)
    pem = made.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    shown = key if own_key else signer
    private = shown.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    return {"certificate": pem, "private_key": private, "issuing_ca": "CA", "serial_number": "12:34:ab"}


def engine(told: Mapping[str, Any], **more: object) -> Callable[[Request], list[bytes]]:
    """Answers with a lease of an hour and `told`."""
    body = {"lease_id": LEASE_ID, "lease_duration": 3600, "data": told, "warnings": None, **more}

    def play(request: Request) -> list[bytes]:
        assert (request.path, request.headers["x-vault-token"]) == ("/v1/pki/issue/agent", "hvs.child")
        return reply(200, body)

    return play


def source(server: Loopback) -> VaultPkiSource:
    """The source with both identities at `server`."""
    return VaultPkiSource(*both(server), "pki")


def test_a_certificate_comes_with_its_key_and_its_chain() -> None:
    """What is asked for is what the grant says; what is told as the end is the certificate's own."""
    with loopback(vault(engine(data()))) as server:
        minted = source(server).mint(order(GRANT))
    assert json.loads(server.asked("pki/issue")[0].body) == {
        "ttl": "60s", "common_name": "a.example.org", "uri_sans": "spiffe://example.org/a",
    }  # fmt: skip
    assert minted.source_lease == f"{LEASE_ID} 12:34:ab"
    assert minted.fields["ca_chain"].reveal() == "CA"
    assert minted.expires_at <= time.time() + 61


WRONG: dict[str, Callable[[], dict[str, Any]]] = {
    "another name": lambda: data(name="b.example.org"),
    "a name more": lambda: data(names=("a.example.org", "admin.example.org")),
    "a URI more": lambda: data(uris=("spiffe://example.org/a", "spiffe://example.org/b")),
    "a longer life": lambda: data(seconds=7200),
    "over already": lambda: data(seconds=-5),
    "an authority": lambda: data(authority=True),
    "not the key's": lambda: data(own_key=False),
    "another serial": lambda: {**data(), "serial_number": "12:34:ac"},
    "a serial with a path": lambda: {**data(), "serial_number": "../ca"},
    "no key": lambda: {**data(), "private_key": ""},
    "garbage": lambda: {**data(), "certificate": "x"},
    "no text": lambda: {**data(), "certificate": 7},
    "nothing": dict,
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_certificate_that_was_not_asked_for_is_taken_back(wrong: str) -> None:
    """Its token is killed; whether the certificate is on the list by then only recovery can say."""
    with loopback(vault(engine(WRONG[wrong]()))) as server, pytest.raises(MaybeIssued, match="not asked for"):
        source(server).mint(order(GRANT))
    assert server.asked("revoke-accessor")


def test_a_warning_is_no_small_thing() -> None:
    """A life that was cut comes with one."""
    answer = engine(data(), warnings=["TTL exceeds"])
    with loopback(vault(answer)) as server, pytest.raises(MaybeIssued, match="warned"):
        source(server).mint(order(GRANT))


def test_a_certificate_without_a_lease_is_certainly_not_handed_out() -> None:
    """Its key was in this answer alone, which is dropped; the fix names the role's setting."""
    with loopback(vault(engine(data(), lease_id=""))) as server, pytest.raises(SourceFailed) as refused:
        source(server).mint(order(GRANT))
    assert "generate_lease" in refused.value.fix
    assert server.asked("revoke-accessor")


@pytest.mark.parametrize(
    ("told", "expires_in", "outcome"),
    [
        ({"revocation_time": 1764000000}, 60, Revocation.CONFIRMED),
        ({"revocation_time": 0}, -60, Revocation.CONFIRMED),
        ({"revocation_time": 0}, 60, Revocation.EXPIRES),
        ({}, 60, Revocation.EXPIRES),
    ],
    ids=str,
)
def test_confirmed_means_revoked_or_over(told: dict[str, int], expires_in: int, outcome: Revocation) -> None:
    """A lease that is gone alone proves nothing about the certificate (`revoke-force` drops it, for example)."""
    lease = issued(GRANT, f"{LEASE_ID} 12:34:ab", int(time.time()) + expires_in)
    with loopback(vault(lambda _: reply(200, {"data": told}))) as server:
        assert source(server).revoke(lease).revocation is outcome
    assert json.loads(server.asked("leases/revoke")[0].body) == {"lease_id": LEASE_ID, "sync": True}
    for asked in server.asked("pki/cert/12-34-ab"):
        assert asked.headers.get("x-vault-token", "") == ""
    assert bool(server.asked("pki/cert/")) is (expires_in > 0), "what has expired may be gone from Vault altogether"


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_list_that_cannot_be_asked_confirms_nothing(status: int) -> None:
    """The caller tries again."""
    lease = issued(GRANT, f"{LEASE_ID} 12:34:ab", int(time.time()) + 60)
    with loopback(vault(lambda _: reply(status, {"errors": []}))) as server, pytest.raises(SourceFailed):
        source(server).revoke(lease)


def test_a_lease_that_stays_is_queued() -> None:
    """204 to the revocation is not believed."""
    there = {"sys/leases/lookup": reply(200, {"data": {"id": LEASE_ID}})}
    lease = issued(GRANT, f"{LEASE_ID} 12:34:ab", int(time.time()) + 60)
    with loopback(vault(engine(data()), there)) as server:
        assert source(server).revoke(lease).revocation is Revocation.QUEUED


def test_the_policies_name_one_role_and_one_name() -> None:
    """The lease's token may ask for this name alone; the revoker lists leases of the engine."""
    rule = policy_rules("team/pki", SCOPE)[0]
    assert (rule.path, rule.capabilities) == ("team/pki/issue/agent", ("update",))
    assert rule.allowed == {"ttl": (), "common_name": ("a.example.org",), "uri_sans": ("spiffe://example.org/a",)}
    assert set(rule.required) == set(rule.allowed)
    assert [one.path for one in revoker_rules("team/pki")] == ["sys/leases/lookup/team/pki/issue/+/"]


def test_a_role_without_leases_is_named_at_setup() -> None:
    """Before an agent waits for a certificate."""
    assert "generate_lease" in weakness({"generate_lease": False})
    assert weakness({"generate_lease": True}) == ""


@pytest.mark.parametrize(
    "change",
    [
        {"common_name": "*.example.org"}, {"common_name": "a,b"}, {"alt_names": "*.example.org"}, {"alt_names": "a,,b"},
        {"uri_sans": "javascript:x"}, {"uri_sans": "spiffe://*"}, {"role": "a/b"}, {"ip_sans": "127.0.0.1"},
    ],
    ids=str,
)  # fmt: skip
def test_a_scope_has_no_room_for_another_meaning(change: dict[str, str]) -> None:
    """Wildcards above all: in Vault's `allowed_parameters` a star matches anything."""
    assert VaultPkiSource.scope.problem(SCOPE) == ("", "")
    assert VaultPkiSource.scope.problem({**SCOPE, **change})[0] in change
