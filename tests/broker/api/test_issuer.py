"""The issuer's documents and introspection, over a real server on a Unix socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import Request

from broker.api.caller import Callers
from broker.authenticate.dpop import UNIX_BASE_URL
from broker.authenticate.identity import Identity
from broker.client import BrokerClient, Credential
from broker.issue.identity import IdentitySource
from broker.lease import Lease
from broker.receipt import Line
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


def test_a_token_of_a_task_that_is_over_is_inactive_before_its_lease_is_closed(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of the task counts from its commit, however long taking everything back then takes."""
    with BrokerClient(f"unix:{path}") as client:
        started = client.start_task("hello", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        credential = session.credentials("plain")
        assert isinstance(credential, Credential)
        token = credential.fields["token"].reveal()
        seen: list[object] = []
        real = IdentitySource.revoke

        def slow(source: IdentitySource, lease: Lease) -> Line:
            seen.append(introspect(path, token=token).json())
            return real(source, lease)

        monkeypatch.setattr(IdentitySource, "revoke", slow)
        client.end(started.task_id)
    assert seen == [{"active": False}]


def test_a_question_about_a_token_holds_nobody_up(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is found out who asks, which may take a look at an issuer's keys, everybody else is answered."""
    asked, go_on = threading.Event(), threading.Event()
    real = Callers.identity

    def slow(callers: Callers, request: Request) -> Identity:
        asked.set()
        go_on.wait(60)
        return real(callers, request)

    monkeypatch.setattr(Callers, "identity", slow)
    with ThreadPoolExecutor(1) as pool:
        question = pool.submit(introspect, path, token="a.b.c")
        try:
            assert asked.wait(20)
            with httpx.Client(transport=httpx.HTTPTransport(uds=path), base_url=UNIX_BASE_URL, timeout=20) as raw:
                assert raw.get("/healthz").status_code == 200
        finally:
            go_on.set()
        assert question.result().json() == {"active": False}
