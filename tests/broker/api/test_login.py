"""What the broker says of logging in, and of who one is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broker.authenticate.bearer_jwt import TrustedIssuer
from broker.authenticate.login import Login
from broker.client import BrokerClient
from tests.broker.api.running import Running
from tests.broker.serving import serving
from tests.broker.whole_broker import whole_broker

OFFER = Login("https://id.example", "cli", ("openid", "groups"), resource="https://broker.example")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    with serving(made.app, made.socket):
        yield made


def test_anybody_may_ask_where_one_logs_in(tmp_path: Path) -> None:
    """Issuer, client and scopes, as the client library reads them back; issuers without a login are not told of."""
    trusted = TrustedIssuer(OFFER.issuer, "cli", "/nowhere/jwks.json", login=OFFER)
    with whole_broker(tmp_path, trusted) as made, serving(made.app) as url:
        assert httpx.get(f"{url}/v1/login").status_code == 200
        with BrokerClient(url) as client:
            assert client.logins() == [OFFER]


def test_a_caller_is_told_who_it_is_and_what_that_makes_it(running: Running) -> None:
    """Person, groups and roles follow the token; a Unix peer is no person and approves nothing."""
    with running.client(running.token("ada", "approvers", "operators")) as client:
        assert client.whoami() == {
            "id": "jwt:corp:ada",
            "person": True,
            "groups": ["approvers", "operators"],
            "operator": True,
            "launcher_of": ["gated", "work"],
            "approver_of": ["gated", "work"],
        }
    with running.client() as client:
        found = client.whoami()
        assert (found["person"], found["operator"], found["approver_of"]) == (False, False, [])
        assert found["launcher_of"]


def test_a_session_is_nobody_here(running: Running) -> None:
    """A task's token is no caller's."""
    with running.raw() as raw:
        assert raw.get("/v1/whoami", headers={"Authorization": "DPoP x"}).status_code == 401
        assert raw.get("/v1/whoami", headers={"Authorization": "Bearer x"}).status_code == 401
