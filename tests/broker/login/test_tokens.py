"""What a token endpoint gave is verified before it is kept."""

from __future__ import annotations

import time

import pytest

from broker.errors import Unauthenticated
from broker.login.provider import find
from broker.login.tokens import MAX_TOKEN, accept, reason
from tests.broker.authenticate.tokens import OTHER_EC, signed
from tests.broker.login.issuer import FakeIssuer, fake_issuer


def answer(issuer: FakeIssuer, **claims: object) -> dict[str, object]:
    return {"id_token": issuer.id_token(nonce="n", **claims), "refresh_token": "r" * 20}


def test_a_good_answer_is_accepted() -> None:
    """Subject, end and the refresh token; nothing of them shows."""
    with fake_issuer() as issuer:
        found = accept(find(issuer.login()), answer(issuer), nonce="n")
        assert (found.subject, found.expires_at > time.time()) == ("ada", True)
        assert found.refresh
        assert found.refresh.reveal() == "r" * 20
        assert found.token.reveal() not in repr(found)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "other"},
        {"nonce": None},
        {"iss": "https://other.example"},
        {"aud": "another-client"},
        {"aud": ["broker-cli", "x"], "azp": "x"},
        {"exp": 1},
        {"sub": None},
    ],
)
def test_a_token_of_another_login_is_refused(claims: dict[str, object]) -> None:
    """Nonce, issuer, audience, client, time and subject are each enough."""
    with fake_issuer() as issuer:
        good = answer(issuer)
        with pytest.raises(Unauthenticated):
            accept(find(issuer.login()), {**good, "id_token": issuer.id_token(**{"nonce": "n", **claims})}, nonce="n")


@pytest.mark.parametrize("token", [None, "", 7, "a\nb", "x" * (MAX_TOKEN + 1), "a.b.c"])
def test_what_is_no_token_is_refused(token: object) -> None:
    """Missing, of another kind, not printable, too long, not signed."""
    with fake_issuer() as issuer, pytest.raises(Unauthenticated):
        accept(find(issuer.login()), {"id_token": token})


def test_somebody_elses_signature_is_refused() -> None:
    """TLS to the token endpoint is not all there is."""
    with fake_issuer() as issuer:
        now = int(time.time())
        claims = {"iss": issuer.url, "aud": "broker-cli", "sub": "ada", "iat": now, "exp": now + 60}
        forged = signed({"alg": "ES256", "kid": "k"}, claims, OTHER_EC)
        with pytest.raises(Unauthenticated, match="signature"):
            accept(find(issuer.login()), {"id_token": forged})


def test_a_renewed_login_is_the_same_persons() -> None:
    """Another subject is refused; an old refresh token stays where no new one came."""
    with fake_issuer() as issuer:
        provider = find(issuer.login())
        before = accept(provider, answer(issuer), nonce="n")
        again = accept(provider, {"id_token": issuer.id_token()}, before=before)
        assert again.refresh is before.refresh
        with pytest.raises(Unauthenticated, match="another person"):
            accept(provider, {"id_token": issuer.id_token(sub="eve")}, before=before)


def test_an_access_token_is_shown_where_the_broker_takes_those() -> None:
    """The ID token is verified all the same; one without an end is refused."""
    with fake_issuer() as issuer:
        provider = find(issuer.login(token="access_token"))
        good = {**answer(issuer), "access_token": "opaque", "expires_in": 60}
        found = accept(provider, good, nonce="n")
        assert found.token.reveal() == "opaque"
        assert 0 < found.expires_at - time.time() <= 60
        renewed = accept(provider, {"access_token": "next", "expires_in": 60}, before=found)
        assert (renewed.token.reveal(), renewed.subject) == ("next", "ada")
        assert renewed.refresh is found.refresh
        for wrong in ({"expires_in": None}, {"expires_in": "60"}, {"access_token": None}, {"id_token": None}):
            with pytest.raises(Unauthenticated):
                accept(provider, {**good, **wrong}, nonce="n")


def test_an_error_code_is_fit_for_a_terminal() -> None:
    """Only letters that cannot play with it."""
    assert reason({"error": "access_denied"}) == "access_denied"
    assert "\x1b" not in reason({"error": "\x1b[2J" + "x" * 999})
    assert len(reason({"error": "x" * 999})) <= 60
    assert reason({"error": ["x"]}) == "no reason given"
