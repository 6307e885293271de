"""The issuer's endpoints, found safely."""

from __future__ import annotations

import pytest

from broker.authenticate.login import Login
from broker.errors import Unreachable
from broker.login.provider import find, post
from tests.broker.login.issuer import fake_issuer
from tests.servers.loopback import loopback, reply


def test_the_issuer_says_where_its_endpoints_are() -> None:
    """What it does not have is empty."""
    with fake_issuer() as issuer:
        found = find(issuer.login())
        assert (found.token, found.device) == (f"{issuer.url}/token", f"{issuer.url}/device_authorization")
        assert not found.names_itself
        issuer.document = {"authorization_response_iss_parameter_supported": True}
        assert find(issuer.login()).names_itself


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"device_authorization_endpoint": "http://elsewhere.example/"},
        {"revocation_endpoint": 7},
        {"token_endpoint": None},
    ],
)
def test_a_document_that_would_send_secrets_astray_is_refused(document: dict[str, object]) -> None:
    """Another issuer's, or an endpoint that is neither https nor on this machine."""
    with fake_issuer() as issuer:
        issuer.document = document
        with pytest.raises(Unreachable):
            find(issuer.login())


def test_an_issuer_that_is_not_there_is_told_of() -> None:
    """By its name, in time."""
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"):
        find(Login("http://127.0.0.1:1", "c"))


@pytest.mark.parametrize("answer", [None, [b"HTTP/1.1 200 X\r\n\r\nno"], reply(302, b"x"), reply(200, b"[1]")])
def test_what_is_no_answer(answer: list[bytes] | None) -> None:
    """Lost, not JSON, a redirect (which is not followed), no object: never a success, and nothing of it is quoted."""
    with loopback(lambda _: answer) as server:
        try:
            told = str(post(server.address, {"code": "a-secret-code"}))
        except Unreachable as error:
            told = str(error)
    assert told == "(200, {})" or told.startswith("the issuer did not answer")
    assert "a-secret-code" not in told
