"""The issuer's documents and introspection, over a real server on a Unix socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broker.authenticate.dpop import UNIX_BASE_URL
from broker.client import BrokerClient, Credential
from tests.broker.serving import serving
from tests.broker.whole_broker import whole_broker


@pytest.fixture
def path(tmp_path: Path) -> Iterator[str]:
    """The socket of a running broker."""
    with whole_broker(tmp_path) as made, serving(made.app, str(tmp_path / "launch.sock")) as listening:
        yield listening


def introspect(path: str, **form: str) -> httpx.Response:
    with httpx.Client(transport=httpx.HTTPTransport(uds=path), base_url=UNIX_BASE_URL, timeout=20) as raw:
        return raw.post("/v1/introspect", data=form)


def test_a_token_is_active_until_its_task_ends(path: str) -> None:
    """Whoever asks is told at once that the task is over, minutes before the signature expires."""
    with BrokerClient(f"unix:{path}") as client:
        started = client.start_task("hello", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        credential = session.credentials("plain")
        assert isinstance(credential, Credential)
        token = credential.fields["token"].reveal()
        live = introspect(path, token=token).json()
        assert live["active"] is True
        assert live["sub"] == started.task_id
        client.end(started.task_id)
    assert introspect(path, token=token).json() == {"active": False}


@pytest.mark.parametrize("form", [{}, {"other": "x"}])
def test_a_form_without_a_token_is_an_error(path: str, form: dict[str, str]) -> None:
    """What is no introspection request gets a problem document, not an answer about nothing."""
    answer = introspect(path, **form)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_any_other_text_is_inactive(path: str) -> None:
    """A value that is no token of this issuer is inactive, and nothing more is said."""
    assert introspect(path, token="a.b.c").json() == {"active": False}


def test_discovery_names_what_is_there(path: str) -> None:
    """The documents name each other and the introspection endpoint; a trailing slash is another path."""
    with httpx.Client(transport=httpx.HTTPTransport(uds=path), base_url=UNIX_BASE_URL, timeout=20) as raw:
        document = raw.get("/.well-known/openid-configuration").json()
        assert document["jwks_uri"].endswith("/.well-known/jwks.json")
        assert document["introspection_endpoint"].endswith("/v1/introspect")
        assert raw.get("/.well-known/jwks.json").json()["keys"]
        assert raw.get("/.well-known/jwks.json/").status_code == 404
