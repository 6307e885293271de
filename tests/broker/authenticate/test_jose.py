"""Strict reading of signed tokens."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from broker.authenticate import jose
from broker.authenticate.jose import Rejected
from tests.broker.authenticate.tokens import EC, ED, KEYS, OTHER_EC, RSA, b64, hs256, public, raw, signed


@pytest.mark.parametrize("algorithm", list(jose.ALGORITHMS))
def test_a_good_token_of_each_algorithm_verifies(algorithm: str) -> None:
    """Signing and checking agree for every algorithm, through the public key alone."""
    token = jose.parse(signed({"alg": algorithm}, {"sub": "x"}), "token")
    jose.check_signature(token, jose.public_key(public(KEYS[algorithm]), "token"), "token")
    assert token.claims == {"sub": "x"}
    assert token.algorithm == algorithm


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "HS512", "RS1", "PS256", "ES512", "", 7, None, ["ES256"]]
)
def test_no_other_algorithm_exists(algorithm: object) -> None:
    """Unsigned tokens, shared secrets and algorithms outside the list are refused before any key is touched."""
    with pytest.raises(Rejected):
        jose.parse(raw(json.dumps({"alg": algorithm}), "{}"), "token")


def test_a_public_key_is_not_a_shared_secret() -> None:
    """The classic confusion: HS256 keyed with the text of the public key."""
    forged = hs256({"alg": "HS256"}, {"sub": "root"}, RSA.as_pem(private=False))
    with pytest.raises(Rejected):
        jose.parse(forged, "token")


@pytest.mark.parametrize(("algorithm", "key"), [("RS256", EC), ("ES256", RSA), ("EdDSA", EC), ("ES256", ED)])
def test_an_algorithm_must_fit_the_key(algorithm: str, key: jose.Key) -> None:
    """A key is never used with another family's algorithm."""
    token = jose.parse(signed({"alg": algorithm}, {}), "token")
    with pytest.raises(Rejected, match="does not fit"):
        jose.check_signature(token, key, "token")


def test_a_changed_token_fails() -> None:
    """Any other header, payload, signature or key makes the check fail."""
    header, claims, signature = signed({"alg": "ES256"}, {"sub": "a"}).split(".")
    other_header, other_claims = b64('{"alg":"ES256","typ":"x"}'), b64('{"sub":"b"}')
    wrong = [
        f"{header}.{other_claims}.{signature}",
        f"{other_header}.{claims}.{signature}",
        f"{header}.{claims}.{signature[:-8]}AAAAAAAA",
        f"{header}.{claims}.{b64(bytes(64))}",
        f"{header}.{claims}.AA",
    ]
    for text in wrong:
        with pytest.raises(Rejected, match="signature"):
            jose.check_signature(jose.parse(text, "token"), EC, "token")
    with pytest.raises(Rejected, match="signature"):
        jose.check_signature(jose.parse(f"{header}.{claims}.{signature}", "token"), OTHER_EC, "token")


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ('{"alg":"ES256","alg":"ES256"}', "{}"),
        ('{"alg":"ES256"}', '{"sub":"a","sub":"root"}'),
        ('{"alg":"ES256"}', '{"exp":NaN}'),
        ('{"alg":"ES256"}', "[]"),
        ('["ES256"]', "{}"),
        ('{"alg":"ES256"', "{}"),
        ('{"alg":"ES256"} {}', "{}"),
        ('{"alg":"ES256","crit":["exp"],"exp":1}', "{}"),
        ('{"alg":"ES256","b64":false}', "{}"),
        ('{"alg":"ES256","zip":"DEF"}', "{}"),
        ("{}", "{}"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(header: str, claims: str) -> None:
    """Duplicate keys, NaN, non-objects, trailing text, critical and compressed headers."""
    with pytest.raises(Rejected):
        jose.parse(raw(header, claims), "token")


def test_deep_nesting_is_harmless() -> None:
    """Depending on the interpreter's own limit a claim nested 5,000 deep is refused or carried along, never a crash."""
    text = raw('{"alg":"ES256"}', '{"a":' + "[" * 5000 + "]" * 5000 + "}")
    try:
        token = jose.parse(text, "token")
    except Rejected:
        return
    assert token.algorithm == "ES256"


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b", "a.b.c.d", "a.b.", " a.b.c", "a.b.c\n", "a=.b.c", "a+.b.c", "é.b.c", "a" * 5000 + ".b.c",
     "a." + "b" * 20000 + ".c", "a.b." + "c" * 2000],
)  # fmt: skip
def test_what_is_no_compact_jws_is_refused(text: str) -> None:
    """Shape, alphabet and size are checked first."""
    with pytest.raises(Rejected):
        jose.parse(text, "token")


@given(st.text(max_size=300) | st.from_regex(r"[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}"))
def test_parsing_raises_nothing_else(text: str) -> None:
    """Arbitrary text is refused with the one expected exception."""
    with contextlib.suppress(Rejected):
        jose.parse(text, "token")


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        [],
        "key",
        {},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": b64(bytes(32)), "y": b64(bytes(32))},
        {"kty": "EC", "crv": "P-256", "x": 1, "y": 2},
        {"kty": "EC", "crv": "P-256"},
        {"kty": "OKP", "crv": "X25519", "x": b64(bytes(32))},
        {"kty": "OKP", "crv": "Ed25519", "x": b64(bytes(31))},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "A" * 4000, "e": "AQAB"},
        {**public(EC), "d": b64(bytes(32))},
    ],
)
def test_a_key_that_is_not_a_good_public_key_is_refused(jwk: object) -> None:
    """Other types and curves, points off the curve, short and oversized keys, private keys."""
    with pytest.raises(Rejected):
        jose.public_key(jwk, "token")


def test_short_rsa_and_private_keys_are_refused() -> None:
    """1024 bits of RSA are too few; a private key has been lost by whoever shows it."""
    with pytest.raises(Rejected, match="2048"):
        jose.public_key({"kty": "RSA", "n": b64(bytes(128) + b"\xff" * 128), "e": "AQAB"}, "token")
    with pytest.raises(Rejected, match="public part"):
        jose.public_key(ECKey.generate_key("P-256").as_dict(private=True), "token")


@pytest.mark.parametrize("value", [None, "1700000000", True, -1, 1e12, float("1e400"), [1], {}])
def test_a_date_is_a_number_in_range(value: object) -> None:
    """Strings, booleans, negative and absurd values are no NumericDate."""
    with pytest.raises(Rejected):
        jose.number({"exp": value}, "exp", "token")
    assert jose.number({"exp": 1.5}, "exp", "token") == 1.5
