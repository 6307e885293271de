"""The code flow against an issuer that lies (against a real one: `test_whole.py`)."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from broker.errors import BrokerError, Unauthenticated, Unreachable
from broker.login.browser import log_in
from broker.login.provider import find
from broker.login.tokens import Tokens
from tests.broker.login.issuer import FakeIssuer, fake_issuer

Asked = dict[str, str]


def walk(issuer: FakeIssuer, back: Callable[[Asked], Asked], asked: Asked | None = None, **login: object) -> Tokens:
    """Log in with a browser that comes back with the parameters `back` makes; `asked` gets those of the address."""

    def show(address: str) -> None:
        found = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        if asked is not None:
            asked.update(found)
        target = f"{found['redirect_uri']}?{urlencode(back(found))}"
        threading.Thread(target=httpx.get, args=(target,), kwargs={"follow_redirects": True}, daemon=True).start()

    def answer(_: dict[str, str]) -> tuple[int, object]:
        assert asked is not None
        return 200, {"id_token": issuer.id_token(nonce=asked["nonce"])}

    issuer.answers = issuer.answers or [answer]
    return log_in(find(issuer.login(**login)), show, 5)


def good(asked: Asked) -> Asked:
    return {"code": "c" * 20, "state": asked["state"]}


def test_the_verifier_fits_the_challenge_and_nothing_repeats() -> None:
    """S256 over 256 bits, state and nonce of as many, all new each time; no secret is sent but the verifier."""
    with fake_issuer() as issuer:
        one: Asked = {}
        two: Asked = {}
        walk(issuer, good, one, scopes=("openid", "offline_access"), resource="https://broker.example")
        issuer.answers = []
        walk(issuer, good, two)
        first = issuer.forms[0]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(first["code_verifier"].encode()).digest()).rstrip(b"=")
        assert (one["code_challenge"], one["code_challenge_method"]) == (challenge.decode(), "S256")
        assert first["redirect_uri"] == one["redirect_uri"]
        assert "client_secret" not in first
        assert (one["prompt"], one["resource"], "prompt" in two) == ("consent", "https://broker.example", False)
        for name in ("state", "nonce", "code_challenge"):
            assert len(one[name]) == 43
            assert one[name] != two[name]


@pytest.mark.parametrize(
    ("back", "names_itself", "told"),
    [
        (lambda asked: {**good(asked), "iss": "https://evil.example"}, False, "another issuer"),
        (good, True, "another issuer"),
        (lambda asked: {"state": asked["state"]}, False, "no code"),
        (lambda asked: {"state": asked["state"], "code": ""}, False, "no code"),
        (lambda asked: {**good(asked), "error": "access_denied"}, False, "access_denied"),
    ],
)
def test_an_answer_that_is_not_this_issuers_yes(back: Callable[[Asked], Asked], names_itself: bool, told: str) -> None:
    """Mixed up with another issuer (RFC 9207), without a code, or a no: the token endpoint is not even asked."""
    with fake_issuer() as issuer:
        issuer.document = {"authorization_response_iss_parameter_supported": names_itself}
        with pytest.raises(Unauthenticated, match=told):
            walk(issuer, back, {})
        assert not issuer.forms


def test_the_issuers_own_name_is_accepted() -> None:
    """`iss` with the right value, required or not."""
    with fake_issuer() as issuer:
        issuer.document = {"authorization_response_iss_parameter_supported": True}
        assert walk(issuer, lambda asked: {**good(asked), "iss": issuer.url}, {}).subject == "ada"


def test_a_token_of_another_login_is_not_taken() -> None:
    """The nonce of this one must be in it: a code that somebody slipped in is of no use."""
    with fake_issuer() as issuer:
        issuer.answers = [(200, {"id_token": issuer.id_token(nonce="theirs")})]
        with pytest.raises(Unauthenticated, match="another login"):
            walk(issuer, good, {})


@pytest.mark.parametrize("answer", [(400, {"error": "invalid_grant"}), (500, b"x"), None])
def test_a_code_that_is_not_exchanged_is_no_login(answer: tuple[int, object] | None) -> None:
    """The issuer's no, its failure, and silence."""
    with fake_issuer() as issuer:
        issuer.answers = [answer]
        with pytest.raises((Unauthenticated, Unreachable)) as caught:
            walk(issuer, good, {})
        assert isinstance(caught.value, BrokerError)
        assert "c" * 20 not in str(caught.value)


def test_nobody_comes_back() -> None:
    """The deadline ends it."""
    with fake_issuer() as issuer, pytest.raises(Unreachable, match="in time"):
        log_in(find(issuer.login()), lambda _: None, 0.2)
