"""Answers of the ssh engine that are not what was asked for; the real engine and a real sshd are in `tests/vault`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificateBuilder,
    SSHCertificateType,
    load_ssh_private_key,
    load_ssh_public_identity,
    load_ssh_public_key,
)

from broker.errors import MaybeIssued, SourceFailed
from broker.grant import Grant
from broker.issue.vault_ssh import VaultSshSource, policy_rules, weakness
from broker.receipt import Revocation
from tests.broker.issue.answering import both, issued, order, vault
from tests.servers.loopback import Loopback, Request, loopback, reply

SCOPE = {"policy": "hosts", "role": "agent", "principal": "deploy", "command": "/bin/true", "sources": "127.0.0.1"}
GRANT = Grant("hosts", "ssh", SCOPE, 60)
AUTHORITY = Ed25519PrivateKey.generate()
OPTIONS = {"force-command": "/bin/true", "source-address": "127.0.0.1"}


def built(
    public: str,
    *,
    seconds: int = 60,
    principals: tuple[str, ...] = ("deploy",),
    options: dict[str, str] | None = None,
    extensions: tuple[str, ...] = (),
    kind: SSHCertificateType = SSHCertificateType.USER,
) -> str:
    """A certificate of the authority as the engine would sign it."""
    key = load_ssh_public_key(public.encode())
    made = SSHCertificateBuilder().public_key(key).serial(7).type(kind).key_id(b"k")  # type: ignore[arg-type]
    made = made.valid_principals([one.encode() for one in principals])
    made = made.valid_after(int(time.time()) - 30).valid_before(int(time.time()) + seconds)
    for name, value in sorted((OPTIONS if options is None else options).items()):
        made = made.add_critical_option(name.encode(), value.encode())
    for name in sorted(extensions):
        made = made.add_extension(name.encode(), b"")
    return made.sign(AUTHORITY).public_bytes().decode()


def engine(sign: Callable[[str], object], warnings: list[str] | None = None) -> Callable[[Request], list[bytes]]:
    """Answers with what `sign` makes of the public key."""

    def play(request: Request) -> list[bytes]:
        assert request.path == "/v1/ssh/sign/agent"
        assert request.headers["x-vault-token"] == "hvs.child"
        return reply(200, {"data": {"signed_key": sign(json.loads(request.body)["public_key"])}, "warnings": warnings})

    return play


def source(server: Loopback) -> VaultSshSource:
    """The source with both identities at `server`."""
    return VaultSshSource(*both(server), "ssh")


def test_key_and_certificate_belong_together_and_the_key_stays_here() -> None:
    """The private half is in the credential and in no request; the grant's limits are asked for, and nothing else."""
    with loopback(vault(engine(built))) as server:
        minted = source(server).mint(order(GRANT))
    asked = json.loads(server.asked("ssh/sign/agent")[0].body)
    private = load_ssh_private_key(minted.fields["private_key"].reveal().encode(), None)
    certificate = load_ssh_public_identity(minted.fields["certificate"].reveal().encode())
    assert private.public_key() == certificate.public_key()  # type: ignore[union-attr]
    assert not any(b"PRIVATE" in request.body for request in server.requests)
    assert asked.pop("public_key").startswith("ssh-ed25519 ")
    assert asked == {
        "ttl": "60s", "cert_type": "user", "valid_principals": "deploy", "critical_options": OPTIONS,
    }  # fmt: skip
    assert (minted.accessor, minted.source_lease) == ("acc", "serial 7")
    assert json.loads(server.asked("token/create")[0].body)["num_uses"] == 1


def another_key(_: str) -> str:
    """One that the broker has not made."""
    key = Ed25519PrivateKey.generate().public_key()
    return built(key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())


def tampered(public: str) -> str:
    """One character of the signature is another."""
    kind, body = built(public).split()[:2]
    return f"{kind} {body[:-12]}{'A' if body[-12] != 'A' else 'B'}{body[-11:]}"


WRONG: dict[str, Callable[[str], object]] = {
    "another key": another_key,
    "another principal": lambda key: built(key, principals=("root",)),
    "one principal more": lambda key: built(key, principals=("deploy", "root")),
    "a host's certificate": lambda key: built(key, kind=SSHCertificateType.HOST),
    "no forced command": lambda key: built(key, options={"source-address": "127.0.0.1"}),
    "another command": lambda key: built(key, options={**OPTIONS, "force-command": "/bin/sh"}),
    "no networks": lambda key: built(key, options={"force-command": "/bin/true"}),
    "a permission more": lambda key: built(key, extensions=("permit-port-forwarding",)),
    "a longer life": lambda key: built(key, seconds=3600),
    "over already": lambda key: built(key, seconds=-1),
    "a tampered signature": tampered,
    "a bare public key": lambda key: key,
    "garbage": lambda _: "ssh-ed25519-cert-v01@openssh.com AAAA",
    "nothing": lambda _: "",
    "no text": lambda _: {"a": 1},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_certificate_that_was_not_asked_for_is_not_handed_out(wrong: str) -> None:
    """Its token is killed. Its key was never anywhere but here, so that nothing is issued is certain."""
    with loopback(vault(engine(WRONG[wrong]))) as server, pytest.raises(SourceFailed, match="not asked for"):
        source(server).mint(order(GRANT))
    assert server.asked("revoke-accessor")


def test_a_warning_is_no_small_thing() -> None:
    """Vault says so when it changes what was asked for."""
    with loopback(vault(engine(built, ["capped"]))) as server, pytest.raises(SourceFailed, match="warned"):
        source(server).mint(order(GRANT))


def test_more_restrictions_than_the_grants_are_welcome() -> None:
    """A role may force what the grant leaves open."""
    with loopback(vault(engine(lambda key: built(key, options={**OPTIONS, "verify-required": ""})))) as server:
        assert source(server).mint(order(GRANT)).source_lease == "serial 7"


@pytest.mark.parametrize(("status", "raised"), [(400, SourceFailed), (403, SourceFailed), (500, MaybeIssued)])
def test_a_refusal_leaves_no_token_and_silence_is_maybe(status: int, raised: type[Exception]) -> None:
    """Refused: the token goes before the refusal is told. Unclear: recovery finds it by its intent."""
    with loopback(vault(lambda _: reply(status, {"errors": ["no"]}))) as server, pytest.raises(raised):
        source(server).mint(order(GRANT))
    assert bool(server.asked("revoke-accessor")) is (raised is SourceFailed)


def test_a_name_that_leads_elsewhere_is_refused_before_anything_exists() -> None:
    """No token is made for a path that is not allowed."""
    grant = Grant("hosts", "ssh", {**SCOPE, "role": "../roles/agent"}, 60)
    with loopback(vault(engine(built))) as server, pytest.raises(SourceFailed, match="not allowed"):
        source(server).mint(order(grant))
    assert server.requests == []


def test_a_receipt_says_expires_until_it_has() -> None:
    """And names the serial as a list of revoked keys wants it."""
    with loopback(vault(engine(built))) as server:
        line = source(server).revoke(issued(GRANT, "serial 7", int(time.time()) + 60))
        assert (line.revocation, "serial 7" in line.detail) == (Revocation.EXPIRES, True)
        assert source(server).revoke(issued(GRANT, "serial 7", 5)).revocation is Revocation.CONFIRMED


def test_the_policy_of_the_token_fixes_what_the_grant_fixes() -> None:
    """Principal and kind have one value, and what the grant restricts must be sent."""
    rule = policy_rules("team/ssh", SCOPE)[0]
    assert (rule.path, rule.capabilities) == ("team/ssh/sign/agent", ("update",))
    assert rule.allowed == {
        "public_key": (), "ttl": (), "cert_type": ("user",), "valid_principals": ("deploy",), "critical_options": (),
    }  # fmt: skip
    assert set(rule.required) == set(rule.allowed)
    assert "extensions" in (policy_rules("ssh", {**SCOPE, "extensions": "permit-pty"})[0].allowed or {})


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ({"key_type": "otp"}, "signs no certificates"),
        ({"key_type": "ca", "allow_user_certificates": False}, "signs no certificates"),
        (
            {"key_type": "ca", "allow_user_certificates": True, "default_critical_options": {"force-command": "x"}},
            "replace its default_critical_options",
        ),
        ({"key_type": "ca", "allow_user_certificates": True}, ""),
    ],
    ids=str,
)
def test_a_weak_role_is_named(role: dict[str, object], words: str) -> None:
    """At `broker vault setup`, before an agent waits for a certificate."""
    assert words in weakness(role)
    assert bool(weakness(role)) is bool(words)


SCOPES = [
    {"principal": "root*"}, {"principal": "a,b"}, {"principal": "-x"}, {"principal": ""}, {"command": "a; b"},
    {"command": "a\nb"}, {"command": 'a"b'}, {"command": "$(x)"}, {"sources": "!10.0.0.0/8"}, {"sources": "any"},
    {"extensions": "Permit"}, {"host": "a b"}, {"port": "x"}, {"role": "*"}, {"policy": "a/b"},
]  # fmt: skip


@pytest.mark.parametrize("change", SCOPES, ids=str)
def test_a_scope_has_no_room_for_another_meaning(change: dict[str, str]) -> None:
    """Lists, wildcards, negations and shell syntax are refused when the policy is loaded."""
    more = {"extensions": "permit-pty,permit-X11-forwarding,login@example.org", "host": "h.example.org", "port": "22"}
    assert VaultSshSource.scope.problem({**SCOPE, **more}) == ("", "")
    assert VaultSshSource.scope.problem({**SCOPE, **change})[0] in change
