"""DPoP proofs: the RFC's own examples, and everything that must not pass for one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from broker.authenticate import dpop
from broker.authenticate.dpop import (
    UNIX_BASE_URL,
    NonceWanted,
    Proof,
    Verifier,
    make_proof,
    normal_url,
    same_key,
    token_digest,
)
from broker.authenticate.jose import Rejected
from broker.authenticate.nonces import STEP, Nonces
from secretguard.secret import Secret
from tests.broker.authenticate.tokens import EC, ED, KEYS, OTHER_EC, RSA, b64, hs256, public, raw, signed

NOW = 1_700_000_000
PATH = "/v1/tasks/t1/credentials"
TOKEN = Secret("session-" + "5" * 35)
RFC_KEY = {
    "kty": "EC",
    "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    "crv": "P-256",
}
RFC_THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


class Seen:
    """A replay cache in memory."""

    def __init__(self) -> None:
        self.used: dict[str, int] = {}

    def first_use(self, jti_digest: str, expires_at: int) -> bool:
        if jti_digest in self.used:
            return False
        self.used[jti_digest] = expires_at
        return True


def verifier(*bases: str, now: float = NOW, seen: Seen | None = None) -> Verifier:
    return Verifier(bases or (UNIX_BASE_URL,), seen or Seen(), Nonces(b"k" * 32, lambda: now))


NONCE = verifier().nonces.current()


def proof(header: dict[str, Any] | None = None, key: Any = EC, **claims: Any) -> str:
    """A proof for TOKEN that is good but for what the arguments change; a claim of None is left out."""
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public(key), **(header or {})}
    body = {
        "jti": "0123456789abcdef",
        "htm": "POST",
        "htu": UNIX_BASE_URL + PATH,
        "iat": NOW,
        "ath": token_digest(TOKEN),
        "nonce": NONCE,
    }
    body = {name: value for name, value in {**body, **claims}.items() if value is not None}
    return signed(head, body, key)


def rfc_proof(claims: str, signature: str) -> str:
    """A proof of the RFC, put together from its decoded parts (a scanner would take the whole for a live token)."""
    head = json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": RFC_KEY}, separators=(",", ":"))
    return f"{b64(head)}.{b64(claims)}.{signature}"


def test_the_token_request_of_the_rfc() -> None:
    """RFC 9449, figures 2 and 4: verifies but for the nonce that it does not have, which is asked for last."""
    claims = '{"jti":"-BwC3ESc6acc2lTc","htm":"POST","htu":"https://server.example.com/token","iat":1562262616}'
    text = rfc_proof(claims, "2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg")
    with pytest.raises(NonceWanted):
        verifier("https://server.example.com").verify(text, "POST", "/token", None)
    with pytest.raises(Rejected, match="signature"):
        verifier("https://server.example.com").verify(text[:-2] + "AA", "POST", "/token", None)
    assert dpop.jwk_thumbprint(RFC_KEY) == RFC_THUMBPRINT


def test_the_resource_request_of_the_rfc() -> None:
    """RFC 9449, figures 13 and 14: the proof that comes with an access token."""
    token = Secret("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_" + "NeO.gxU")
    assert token_digest(token) == "fUHyO2r2Z3DZ53EsNrWBb0xW" + "XoaNy59IiKCAqksmQEo"
    claims = (
        '{"jti":"e1j3V_bKic8-LAEB","htm":"GET","htu":"https://resource.example.org/protectedresource",'
        '"iat":1562262618,"ath":"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"}'
    )
    text = rfc_proof(claims, "2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA")
    checker = verifier("https://resource.example.org")
    with pytest.raises(NonceWanted):
        checker.verify(text, "GET", "/protectedresource", token)
    with pytest.raises(Rejected, match="another token"):
        checker.verify(text, "GET", "/protectedresource", Secret("another"))


@pytest.mark.parametrize("algorithm", dpop.ALGORITHMS)
def test_what_the_client_makes_the_broker_accepts(algorithm: str) -> None:
    """`make_proof` and `verify` agree, with and without a token, under each base URL of the broker."""
    key = KEYS[algorithm]
    checker = verifier(UNIX_BASE_URL, "https://broker.example/base/")
    for base in (UNIX_BASE_URL, "https://broker.example/base"):
        for token in (None, TOKEN):
            made = make_proof(key, algorithm, "POST", base + PATH, token, NOW, NONCE)
            assert same_key(checker.verify(made, "POST", PATH, token), key.thumbprint())


def test_thumbprints_follow_the_key() -> None:
    """The thumbprint of the body's JWK is that of the proof's, however the JWK is dressed up; another key's is not."""
    dressed = {**public(EC), "kid": "me", "use": "sig", "key_ops": ["verify"]}
    assert dpop.jwk_thumbprint(dressed) == EC.thumbprint()
    found = verifier().verify(proof({"jwk": dressed}), "POST", PATH, TOKEN)
    assert same_key(found, EC.thumbprint())
    assert not same_key(found, OTHER_EC.thumbprint())
    with pytest.raises(Rejected):
        dpop.jwk_thumbprint(public(RSA))


@pytest.mark.parametrize(
    "bad",
    [
        proof({"typ": "JWT"}),
        proof({"typ": "DPoP+JWT"}),
        proof({"jwk": public(OTHER_EC)}),
        proof({"jwk": EC.as_dict(private=True)}),
        raw(json.dumps({"typ": "dpop+jwt", "alg": "ES256"}), "{}"),
        raw(json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": [public(EC)]}), "{}"),
        proof({"alg": "RS256", "jwk": public(RSA)}, RSA),
        proof({"alg": "EdDSA", "jwk": public(EC)}, ED),
        proof(htm="GET"),
        proof(htm="post"),
        proof(htm=None),
        proof(htu=None),
        proof(htu=UNIX_BASE_URL + PATH + "/"),
        proof(htu="http://elsewhere" + PATH),
        proof(htu=[UNIX_BASE_URL + PATH]),
        proof(ath=None),
        proof(ath=token_digest(Secret("another"))),
        proof(iat=None),
        proof(iat=str(NOW)),
        proof(jti=None),
        proof(jti="short"),
        proof(jti="x" * 257),
        proof(jti=7),
        hs256({"typ": "dpop+jwt", "alg": "HS256", "jwk": {"kty": "oct", "k": b64("k" * 32)}}, {}, b"k" * 32),
        raw('{"typ":"dpop+jwt","alg":"none"}', "{}"),
        "",
        "x" * 100_000,
        proof() + ", " + proof(jti="another-proof"),
    ],
)  # fmt: skip
def test_a_proof_with_one_thing_wrong_is_refused(bad: str) -> None:
    """Wrong type, key, algorithm, method, URL, token, time or id; and two proofs in one header."""
    seen = Seen()
    with pytest.raises(Rejected):
        verifier(seen=seen).verify(bad, "POST", PATH, TOKEN)
    assert not seen.used  # nothing an unproved request sends may fill the cache


def test_a_proof_for_a_token_is_none_for_activation() -> None:
    """Where no token is expected, a proof that was made with one is refused."""
    with pytest.raises(Rejected, match="another token"):
        verifier().verify(proof(), "POST", PATH, None)


def test_a_proof_works_once() -> None:
    """The same proof again is a replay; the same id under another key is not."""
    checker = verifier()
    checker.verify(proof(), "POST", PATH, TOKEN)
    with pytest.raises(Rejected, match="used before"):
        checker.verify(proof(), "POST", PATH, TOKEN)
    assert isinstance(checker.verify(proof(key=OTHER_EC), "POST", PATH, TOKEN), Proof)


@pytest.mark.parametrize("nonce", [None, "", "A" * 32, 7, Nonces(b"another key").current()])
def test_a_proof_without_a_current_nonce_is_asked_for_one(nonce: object) -> None:
    """The refusal is the RFC's `use_dpop_nonce`, and it fills no cache."""
    seen = Seen()
    with pytest.raises(NonceWanted) as caught:
        verifier(seen=seen).verify(proof(nonce=nonce), "POST", PATH, TOKEN)
    assert caught.value.rule == "use_dpop_nonce"
    assert 'error="use_dpop_nonce"' in caught.value.challenge
    assert not seen.used


@pytest.mark.parametrize("off", [-86400 * 365, -600, 600, 86400 * 365])
def test_the_clients_clock_does_not_matter(off: int) -> None:
    """With the broker's nonce a proof is fresh whatever its own `iat` says, and an old nonce makes none so."""
    verifier().verify(proof(iat=NOW + off), "POST", PATH, TOKEN)
    with pytest.raises(NonceWanted):
        verifier(now=NOW + 10 * STEP).verify(proof(iat=NOW + 10 * STEP), "POST", PATH, TOKEN)


def test_a_used_proof_is_remembered_for_as_long_as_its_nonce_is_good() -> None:
    """The cache entry outlives the last second at which any replica takes the nonce."""
    seen = Seen()
    verifier(seen=seen).verify(proof(), "POST", PATH, TOKEN)
    (expires_at,) = seen.used.values()
    with pytest.raises(NonceWanted):
        verifier(now=expires_at - STEP).verify(proof(jti="another-proof"), "POST", PATH, TOKEN)


@pytest.mark.parametrize(
    ("htu", "normal"),
    [
        ("HTTPS://Broker.Example/v1/x", "https://broker.example/v1/x"),
        ("https://broker.example:443/v1/x?q#f", "https://broker.example/v1/x"),
        ("http://broker.example:80/v1/x", "http://broker.example/v1/x"),
        ("https://broker.example:8443/v1/x", "https://broker.example:8443/v1/x"),
        ("http://[::1]:8420/v1/x", "http://[::1]:8420/v1/x"),
        ("https://broker.example/%76%31/a%2fb", "https://broker.example/v1/a%2Fb"),
        ("https://user@broker.example/v1/x", ""),
        ("https://broker.example:x/v1/x", ""),
        ("https://broker.example:99999/", ""),
        ("https://[::1/", ""),
        ("ftp://broker.example/", ""),
        ("//broker.example/", ""),
        ("https://br\u00f6ker.example/", ""),
        ("https://broker.example/ x\n", ""),
        ("https://broker.example/" + "x" * 3000, ""),
        (7, ""),
        (None, ""),
    ],
)
def test_urls_are_compared_in_their_normal_form(htu: object, normal: str) -> None:
    """RFC 9449, 4.3: RFC 3986's normalization, without query and fragment; what is no http URL equals nothing."""
    assert normal_url(htu) == normal


def test_a_url_spelled_differently_is_the_same_one() -> None:
    """A client may write scheme, host and default port as it likes; the path stays the path."""
    checker = verifier("https://broker.example")
    for number, base in enumerate(("https://BROKER.example:443", "https://broker.example")):
        checker.verify(proof(htu=base + PATH + "?a=1", jti=f"a-proof-{number}"), "POST", PATH, TOKEN)
    for other in (PATH + "/", PATH.replace("/v1", "/v1/."), PATH.replace("/v1", "/V1"), "/"):
        with pytest.raises(Rejected, match="another URL"):
            checker.verify(proof(htu="https://broker.example" + other), "POST", PATH, TOKEN)


def test_messages_and_values_hold_no_token() -> None:
    """Neither the refusal nor the verified proof shows the session token or the proof text."""
    text = proof(ath="wrong")
    with pytest.raises(Rejected) as caught:
        verifier().verify(text, "POST", PATH, TOKEN)
    assert text not in str(caught.value)
    assert TOKEN.reveal() not in str(caught.value)
