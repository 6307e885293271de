"""Bearer tokens of CI systems and people: one way to be let in, many ways not to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jwt as pyjwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.authenticate.bearer_jwt import MAX_LIFE, SKEW, BearerVerifier, TrustedIssuer
from broker.authenticate.identity import Identity
from broker.errors import BadRequest, Unauthenticated
from broker.workplace import NOWHERE, Workplace
from secretguard.secret import Secret
from tests.broker.authenticate.tokens import EC, ED, OTHER_EC, RSA, hs256, public, raw, signed

NOW = 1_700_000_000
ISSUER = "https://ci.example"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "repo:acme/shop:ref:refs/heads/main",
    "aud": "broker",
    "iat": NOW,
    "exp": NOW + 300,
    "groups": ["dev", "ops"],
    "environment": "staging",
}


@pytest.fixture(scope="module")
def jwks(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    keys = [{**public(key), "kid": kid, "use": "sig"} for kid, key in (("ec", EC), ("ed", ED), ("rsa", RSA))]
    path.write_text(json.dumps({"keys": keys}))
    return str(path)


def verifier(jwks: str, now: float = NOW, **changes: Any) -> BearerVerifier:
    return BearerVerifier(
        (TrustedIssuer(**{"issuer": ISSUER, "audience": "broker", "jwks": jwks, **changes}),), lambda: now
    )


def token(header: dict[str, Any] | None = None, key: Any = EC, **claims: Any) -> Secret:
    """A good token but for what the arguments change; a claim of None is left out."""
    body = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return Secret(signed({"alg": "ES256", "kid": "ec", "typ": "JWT", **(header or {})}, body, key))


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ({}, EC),
        ({"typ": "at+jwt"}, EC),
        ({"alg": "EdDSA", "kid": "ed"}, ED),
        ({"alg": "Ed25519", "kid": "ed"}, ED),
        ({"alg": "RS256", "kid": "rsa"}, RSA),
    ],
)
def test_a_good_token_names_its_subject(jwks: str, header: dict[str, Any], key: Any) -> None:
    """Every algorithm and both token types give the same identity, groups included."""
    expected = Identity("jwt", CLAIMS["sub"], ISSUER, ("dev", "ops"))
    assert verifier(jwks).identify(token(header, key)) == expected
    assert verifier(jwks).identify(token(header, key, aud=["other", "broker"])) == expected


def test_a_ci_token_proves_where_it_works(jwks: str) -> None:
    """By the claims that the issuer's entry names, and by no other."""
    where = {"repository": "acme/shop", "ref": "refs/heads/main"}
    named = verifier(jwks, people=False, repository_claim="repository", ref_claim="ref")
    assert named.identify(token(**where)).workplace == Workplace("acme/shop", "main", "proved")
    assert verifier(jwks).identify(token(**where)).workplace == NOWHERE


def test_a_token_made_by_another_library_is_accepted(jwks: str) -> None:
    """PyJWT signs, the broker verifies."""
    made = pyjwt.encode(CLAIMS, RSA.as_pem(private=True), algorithm="RS256", headers={"kid": "rsa"})
    assert verifier(jwks).identify(Secret(made)).subject == CLAIMS["sub"]


def test_other_claims_can_name_the_caller(jwks: str) -> None:
    """`subject_claim` and `groups_claim` are the operator's choice."""
    checker = verifier(jwks, subject_claim="email", groups_claim="roles")
    assert checker.identify(token(email="a@b.example", roles=["x"])) == Identity("jwt", "a@b.example", ISSUER, ("x",))
    with pytest.raises(Unauthenticated):
        checker.identify(token())


def test_bound_claims_must_have_their_value(jwks: str) -> None:
    """A claim that the config binds must be there, as that very string; of a list one will do."""
    checker = verifier(jwks, claims={"environment": "staging"})
    checker.identify(token())
    checker.identify(token(environment=["production", "staging"]))
    for value in ("production", None, ["production", 7], {"staging": 1}, True, "Staging"):
        with pytest.raises(Unauthenticated, match="environment"):
            checker.identify(token(environment=value))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None},
        {"iss": "https://ci.example/"},
        {"iss": "https://CI.example"},
        {"iss": [ISSUER]},
        {"aud": None},
        {"aud": "Broker"},
        {"aud": []},
        {"aud": ["other"]},
        {"aud": {"broker": 1}},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "group:ops"},
        {"sub": "a\nb"},
        {"sub": "x" * 256},
        {"groups": "ops"},
        {"groups": [1]},
        {"groups": ["g"] * 501},
        {"exp": None},
        {"exp": NOW - SKEW},
        {"exp": str(NOW + 300)},
        {"exp": True},
        {"iat": None},
        {"iat": NOW + SKEW + 1},
        {"nbf": NOW + SKEW + 1},
        {"nbf": "now"},
        {"exp": NOW + MAX_LIFE + 1},
    ],
)
def test_a_token_with_one_wrong_claim_is_refused(jwks: str, claims: dict[str, Any]) -> None:
    """Issuer, audience, subject, groups and times are each enough to be refused, though the signature is good."""
    with pytest.raises(Unauthenticated):
        verifier(jwks).identify(token(**claims))


def test_clocks_may_differ_a_little(jwks: str) -> None:
    """SKEW seconds either way are forgiven."""
    verifier(jwks).identify(token(iat=NOW + SKEW, nbf=NOW + SKEW))
    verifier(jwks, NOW + 300 + SKEW - 1).identify(token())


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ({}, OTHER_EC),
        ({"kid": "rsa"}, EC),
        ({"kid": "nobody"}, EC),
        ({"kid": ""}, EC),
        ({"typ": "dpop+jwt"}, EC),
        ({"typ": "logout+jwt"}, EC),
        ({"jwk": public(OTHER_EC)}, OTHER_EC),
        ({"jku": "https://evil.example/jwks", "kid": "evil"}, OTHER_EC),
    ],
)
def test_a_token_with_a_wrong_header_is_refused(jwks: str, header: dict[str, Any], key: Any) -> None:
    """Another key, a key that the token brings along, another id, another kind of token."""
    with pytest.raises(Unauthenticated):
        verifier(jwks).identify(token(header, key))


def test_confused_and_malformed_tokens_are_refused(jwks: str) -> None:
    """Unsigned, HMAC under the public key, duplicate claims, huge, not a token at all."""
    good = json.dumps(CLAIMS)
    forged = [
        raw('{"alg":"none","kid":"ec"}', good),
        hs256({"alg": "HS256", "kid": "rsa"}, CLAIMS, RSA.as_pem(private=False)),
        raw('{"alg":"ES256","kid":"ec"}', good[:-1] + ',"sub":"root"}'),
        token().reveal() + "." + token().reveal(),
        "x" * 1_000_000,
        "",
        "Bearer " + token().reveal(),
    ]
    for text in forged:
        with pytest.raises(Unauthenticated) as caught:
            verifier(jwks).identify(Secret(text))
        assert len(str(caught.value)) < 300


def test_an_issuer_is_held_to_its_algorithms(jwks: str) -> None:
    """An issuer configured for RS256 cannot be spoken for by its EC key."""
    checker = verifier(jwks, algorithms=("RS256",))
    checker.identify(token({"alg": "RS256", "kid": "rsa"}, RSA))
    with pytest.raises(Unauthenticated, match="algorithm"):
        checker.identify(token())


@given(st.text(max_size=200))
def test_no_text_gets_in(text: str) -> None:
    """Arbitrary text is refused, with no other exception."""
    with pytest.raises(Unauthenticated):
        BearerVerifier((), lambda: NOW).identify(Secret(text))


def test_one_issuers_key_does_not_speak_for_another(jwks: str, tmp_path: Path) -> None:
    """A token of issuer A signed by issuer B's key is refused, though both are configured."""
    other = tmp_path / "jwks.json"
    other.write_text(json.dumps({"keys": [{**public(OTHER_EC), "kid": "ec"}]}))
    checker = BearerVerifier(
        (TrustedIssuer(ISSUER, "broker", jwks), TrustedIssuer("https://other.example", "broker", str(other))),
        lambda: NOW,
    )
    assert checker.identify(token(key=OTHER_EC, iss="https://other.example")).issuer == "https://other.example"
    with pytest.raises(Unauthenticated):
        checker.identify(token(key=OTHER_EC))


@pytest.mark.parametrize(
    "changes",
    [{"issuer": ""}, {"audience": ""}, {"algorithms": ()}, {"algorithms": ("HS256",)}, {"algorithms": ("none",)}],
)
def test_a_config_that_cannot_be_meant_is_refused(jwks: str, changes: dict[str, Any]) -> None:
    """No issuer, no audience, no algorithm or a symmetric one."""
    with pytest.raises(BadRequest):
        verifier(jwks, **changes)


@pytest.mark.parametrize(("one", "other"), [(ISSUER, ISSUER), (ISSUER, ISSUER + ":8443"), (ISSUER + ":1:2", ISSUER)])
def test_issuers_that_could_be_mixed_up_are_refused(jwks: str, one: str, other: str) -> None:
    """`jwt:ISSUER:SUBJECT` must have one reading only."""
    with pytest.raises(BadRequest, match="told apart"):
        BearerVerifier((TrustedIssuer(one, "broker", jwks), TrustedIssuer(other, "broker", jwks)))


def test_a_token_for_several_audiences_is_held_to_its_client(jwks: str) -> None:
    """Any of them could pass it on: one that names another client than ours was not meant for this."""
    both = ["other", "broker"]
    checker = verifier(jwks)
    checker.identify(token(aud=both))
    checker.identify(token(aud=both, azp="broker"))
    checker.identify(token(aud="broker", azp="command-line"))
    for stranger in ({"azp": "other"}, {"client_id": "other"}, {"azp": ["broker"]}, {"azp": 7}):
        with pytest.raises(Unauthenticated) as caught:
            checker.identify(token(aud=both, **stranger))
        assert caught.value.rule == "token-party"
    bound = verifier(jwks, authorized_parties=("command-line",))
    bound.identify(token(aud=both, azp="command-line"))
    bound.identify(token({"typ": "at+jwt"}, client_id="command-line"))
    for stranger in ({}, {"azp": "broker"}, {"azp": "other", "client_id": "command-line"}):
        with pytest.raises(Unauthenticated):
            bound.identify(token(**stranger))


def test_a_workload_of_kubernetes(jwks: str) -> None:
    """A projected token: nested claims by pointer, several audiences, no group; and it is no person."""
    pod = {"namespace": "ci", "serviceaccount": {"name": "runner", "uid": "0b1"}}
    made = {"sub": "system:serviceaccount:ci:runner", "aud": ["broker"], "groups": None, "kubernetes.io": pod}
    checker = verifier(jwks, claims={"/kubernetes.io/namespace": ["ci", "cd-*"]}, people=False)
    found = checker.identify(token(**made))
    assert (found.id, found.may_be_person) == (f"jwt:{ISSUER}:system:serviceaccount:ci:runner", False)
    with pytest.raises(Unauthenticated, match="namespace") as caught:
        checker.identify(token(**{**made, "kubernetes.io": {**pod, "namespace": "default"}}))
    assert caught.value.rule == "token-claims"


def test_a_role_may_lie_deep_in_a_token(jwks: str) -> None:
    """Groups and subjects are found by JSON pointer, too."""
    checker = verifier(jwks, groups_claim="/realm_access/roles", subject_claim="/user/name")
    found = checker.identify(token(groups=["liar"], realm_access={"roles": ["approver"]}, user={"name": "ada"}))
    assert (found.subject, found.groups) == ("ada", ("approver",))


@pytest.mark.parametrize(
    ("claims", "now", "rule"),
    [
        ({"iss": "https://other.example"}, NOW, "token-issuer"),
        ({"aud": "other"}, NOW, "token-audience"),
        ({}, NOW + 900 + SKEW, "token-time"),
        ({}, NOW - 600, "token-time"),
        ({"nbf": NOW + 600}, NOW, "token-time"),
        ({"exp": NOW + 2 * MAX_LIFE}, NOW, "token-time"),
        ({"sub": None}, NOW, "signed-token"),
    ],
)
def test_a_refusal_names_its_rule(jwks: str, claims: dict[str, Any], now: float, rule: str) -> None:
    """Which check failed, and what to do; ten minutes of skew is too much, either way."""
    with pytest.raises(Unauthenticated) as caught:
        verifier(jwks, now).identify(token(**claims))
    assert caught.value.rule == rule
    assert caught.value.fix


def test_the_person_behind_a_machine_is_named_by_its_token(jwks: str) -> None:
    """As the people's issuer would name them; a token that does not say so is refused, and groups do not come along."""
    people = "https://id.example"
    robots = {"people": False, "acts_for_claim": "user_email", "acts_for_issuer": people}
    checker = verifier(jwks, **robots)
    found = checker.identify(token(user_email="ada@example.org"))
    assert (found.id, found.behalf) == (f"jwt:{ISSUER}:{CLAIMS['sub']}", f"jwt:{people}:ada@example.org")
    assert not found.matches(f"jwt:{people}:ada@example.org")
    assert verifier(jwks).identify(token()).behalf == found.id
    for person in (None, 7, ["ada"], "", "a\nb", "group:approvers", "x" * 300):
        with pytest.raises(Unauthenticated):
            checker.identify(token(user_email=person))
    for changes in ({**robots, "people": True}, {**robots, "acts_for_issuer": ""}, {**robots, "acts_for_claim": ""}):
        with pytest.raises(BadRequest, match="go together"):
            verifier(jwks, **changes)
