"""Task identity tokens: a stock JWT library verifies them, and revocation is told as it is."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import jwt as pyjwt
import pytest

from broker.authenticate.bearer_jwt import BearerVerifier, TrustedIssuer
from broker.errors import SourceFailed
from broker.grant import Grant
from broker.issue.identity import MAX_TTL, IdentitySource
from broker.issue.signing_keys import SigningKeys
from broker.issue.source import MintRequest, Source
from broker.lease import Lease, LeaseState, Minted
from broker.receipt import Revocation
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.broker.authenticate.tokens import EC, ED, signed
from tests.broker.serving import answer, serving

ISSUER = "https://broker.example"
GRANT = Grant("cloud", "identity", {"audience": "sts.cloud.example"}, ttl=600)
REQUEST = MintRequest("task-1", "lease-1", GRANT, 600, "jwt:https://idp.example:alice", None, "deploy")


class Clock:
    """A clock that a test moves; it starts at the real time, by which PyJWT verifies."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return SigningKeys(str(tmp_path / "identity"))


@pytest.fixture
def source(keys: SigningKeys, clock: Clock) -> IdentitySource:
    return IdentitySource(ISSUER, keys, clock)


def lease(minted: Minted | None = None, **changes: Any) -> Lease:
    issued = Lease("lease-1", "task-1", "cloud", "identity", LeaseState.ISSUED, created_at=1000)
    if minted:
        issued = dataclasses.replace(issued, accessor=minted.accessor, expires_at=minted.expires_at)
    return dataclasses.replace(issued, **changes)


def test_it_is_a_source(source: IdentitySource) -> None:
    """It stands behind the one interface, and needs no parent credential."""
    as_source: Source = source
    assert as_source.needs_parent is False


def test_a_stock_library_verifies_through_discovery(keys: SigningKeys) -> None:
    """PyJWT finds the keys by the discovery document over HTTP and accepts the token for its audience alone."""
    documents: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found = documents.get(scope["path"])
        await answer(send, 200 if found else 404, json.dumps(found).encode())

    with serving(app) as base:
        source = IdentitySource(base, keys)
        documents["/.well-known/openid-configuration"] = source.discovery()
        documents[str(source.discovery()["jwks_uri"]).removeprefix(base)] = source.jwks()
        token = source.mint(REQUEST).fields["token"].reveal()
        key = pyjwt.PyJWKClient(str(source.discovery()["jwks_uri"])).get_signing_key_from_jwt(token)
        options: Any = {"require": ["exp", "iat", "iss", "aud", "sub", "jti"]}
        claims = pyjwt.decode(
            token, key, algorithms=["EdDSA"], audience="sts.cloud.example", issuer=base, options=options
        )
        with pytest.raises(pyjwt.InvalidAudienceError):
            pyjwt.decode(token, key, algorithms=["EdDSA"], audience="another", issuer=base)
    assert claims["sub"] == "task-1"
    assert claims["jti"] == "lease-1"
    assert claims["on_behalf_of"] == "jwt:https://idp.example:alice"
    assert (claims["task_policy"], claims["grant"]) == ("deploy", "cloud")
    assert set(claims) == set(source.discovery()["claims_supported"])  # type: ignore[call-overload]
    assert claims["exp"] - claims["iat"] == 600
    assert "act" not in claims


def test_this_brokers_tokens_can_be_trusted_by_another_broker(
    source: IdentitySource, clock: Clock, tmp_path: Path
) -> None:
    """The published documents satisfy the bearer verifier of `broker/authenticate`."""
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(source.jwks()))
    checker = BearerVerifier((TrustedIssuer(ISSUER, "sts.cloud.example", str(jwks)),), clock)
    assert checker.identify(source.mint(REQUEST).fields["token"]).id == f"jwt:{ISSUER}:task-1"


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (600, 600), (MAX_TTL, MAX_TTL), (86400, MAX_TTL)])
def test_no_token_lives_longer_than_the_cap(source: IdentitySource, clock: Clock, asked: int, given: int) -> None:
    """`ttl` is cut at MAX_TTL, and the lease is told the real end."""
    minted = source.mint(dataclasses.replace(REQUEST, ttl=asked))
    claims = pyjwt.decode(minted.fields["token"].reveal(), options={"verify_signature": False})
    assert claims["exp"] == minted.expires_at == int(clock.now) + given


def test_a_grant_without_an_audience_issues_nothing(source: IdentitySource) -> None:
    """A token for everybody is not issued."""
    with pytest.raises(SourceFailed, match="audience"):
        source.mint(dataclasses.replace(REQUEST, grant=dataclasses.replace(GRANT, scope={})))


def test_a_rotated_key_still_verifies_what_it_signed(source: IdentitySource, keys: SigningKeys) -> None:
    """Tokens of the key before the last rotation go on working; new ones name the new key."""
    old = source.mint(REQUEST).fields["token"].reveal()
    keys.rotate()
    new = source.mint(REQUEST).fields["token"].reveal()
    published = pyjwt.PyJWKSet.from_dict(source.jwks())
    for token in (old, new):
        kid = pyjwt.get_unverified_header(token)["kid"]
        pyjwt.decode(token, published[kid], algorithms=["EdDSA"], audience="sts.cloud.example")
    assert pyjwt.get_unverified_header(old)["kid"] != pyjwt.get_unverified_header(new)["kid"]


def test_revocation_is_told_as_it_is(source: IdentitySource, clock: Clock) -> None:
    """EXPIRES with the time at first, CONFIRMED when that time has come, and never later than the cap."""
    minted = source.mint(REQUEST)
    line = source.revoke(lease(minted))
    assert (line.revocation, line.expires_at) == (Revocation.EXPIRES, minted.expires_at)
    clock.now += 601
    assert source.revoke(lease(minted)).revocation is Revocation.CONFIRMED
    unknown = source.revoke(lease(expires_at=0))
    assert (unknown.revocation, unknown.expires_at) == (Revocation.EXPIRES, 1000 + MAX_TTL)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (LeaseState.INTENDED, Revocation.NOTHING),
        (LeaseState.MINTED, Revocation.NOTHING),
        (LeaseState.FAILED, Revocation.NOTHING),
        (LeaseState.UNCERTAIN, Revocation.EXPIRES),
        (LeaseState.ISSUED, Revocation.EXPIRES),
        (LeaseState.REVOKED, Revocation.EXPIRES),
    ],
)
def test_recovery_is_sure_only_of_what_was_never_released(
    source: IdentitySource, state: LeaseState, outcome: Revocation
) -> None:
    """Before the release is recorded no token has left the process; after it, one may have."""
    minted = source.mint(REQUEST)
    assert source.recover(lease(minted, state=state)).revocation is outcome


def test_introspection_knows_more_than_the_signature(source: IdentitySource, clock: Clock) -> None:
    """A live token is active with its claims; revoked or expired it is not, though the signature stays good."""
    token = source.mint(REQUEST).fields["token"]
    found = source.introspect(token, lambda jti: False)
    assert (found["active"], found["sub"], found["aud"]) == (True, "task-1", "sts.cloud.example")
    assert source.introspect(token, lambda jti: jti == "lease-1") == {"active": False}
    clock.now += 601
    assert source.introspect(token, lambda jti: False) == {"active": False}


def test_introspection_of_anything_else_is_inactive(source: IdentitySource, keys: SigningKeys, clock: Clock) -> None:
    """Foreign keys, foreign issuers, missing claims and noise."""
    header = {"alg": "EdDSA", "kid": keys.active.thumbprint()}
    claims = {"iss": ISSUER, "exp": int(clock.now) + 60, "jti": "x"}
    assert source.introspect(Secret(signed(header, claims, keys.active)), lambda jti: False)["active"] is True
    for text in (
        signed(header, claims, ED),
        signed({"alg": "ES256", "kid": keys.active.thumbprint()}, claims, EC),
        signed({"alg": "EdDSA"}, claims, keys.active),
        signed(header, {**claims, "iss": "https://other.example"}, keys.active),
        signed(header, {"iss": ISSUER}, keys.active),
        "noise",
        "",
    ):
        assert source.introspect(Secret(text), lambda jti: False) == {"active": False}


def test_a_minted_token_is_not_printed(source: IdentitySource) -> None:
    """Its value is a Secret; the lease keeps the id alone."""
    minted = source.mint(REQUEST)
    token = minted.fields["token"].reveal()
    assert token not in repr(minted)
    assert token.split(".")[2] not in repr(minted)


@pytest.mark.parametrize("issuer", ["", "broker", "unix:/x", "https://", "https://b/", "https://b?x", "https://b#x"])
def test_an_issuer_is_a_plain_url(keys: SigningKeys, issuer: str) -> None:
    """What verifiers compare byte for byte must have one spelling."""
    with pytest.raises(ConfigError):
        IdentitySource(issuer, keys)
