"""The client against the broker's real API, on a real Unix socket and on loopback."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broker.assemble import Assembled
from broker.client import BrokerClient, Credential, Session, StartedTask, Waiting
from broker.errors import (
    BadRequest,
    BrokerError,
    Conflict,
    NotFound,
    Refused,
    Unauthenticated,
    Unreachable,
)
from broker.receipt import Revocation
from secretguard.secret import Secret
from tests.broker.serving import answer, body_of, serving
from tests.broker.whole_broker import ISSUER, token, whole_broker


class Lossy:
    """The application, except that answers to `path_end` are cut off `times` times, after the work was done."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.path_end = "/none"
        self.times = 0
        self.seen: list[tuple[str, str]] = []

    def lose(self, path_end: str, times: int = 1) -> None:
        self.path_end, self.times, self.seen = path_end, times, []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen.append((scope["method"], scope["raw_path"].decode()))
        if self.times == 0 or not scope["path"].endswith(self.path_end):
            await self.app(scope, receive, send)
            return
        self.times -= 1

        async def swallow(_: Any) -> None:
            return None

        await self.app(scope, receive, swallow)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionError("cut off on purpose")


@pytest.fixture(scope="module")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assembled]:
    with whole_broker(tmp_path_factory.mktemp("broker")) as made:
        yield made


@pytest.fixture(scope="module")
def lossy(assembled: Assembled) -> Lossy:
    return Lossy(assembled.app)


@pytest.fixture(scope="module")
def endpoint(lossy: Lossy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(lossy, str(tmp_path_factory.mktemp("s") / "launch.sock")) as path:
        yield f"unix:{path}"


@pytest.fixture
def client(endpoint: str) -> Iterator[BrokerClient]:
    with BrokerClient(endpoint) as made:
        yield made


def begin(client: BrokerClient, policy: str = "hello") -> tuple[StartedTask, Session]:
    started = client.start_task(policy, "a test")
    return started, client.activate(started.task_id, started.bootstrap)


def test_the_life_of_a_task(client: BrokerClient) -> None:
    """Start, activate, state, credential, end with a receipt; then nothing more is issued."""
    started, session = begin(client)
    assert started.grants == ("plain",)
    assert time.time() < started.expires_at <= time.time() + 600
    assert session.task()["state"] == "active"
    issued = session.credentials("plain")
    assert isinstance(issued, Credential)
    assert issued.fields["token"].reveal().count(".") == 2
    assert issued.expires_at <= time.time() + 300
    done = session.end()
    assert [line.lease_id for line in done.lines] == [issued.lease_id]
    assert done.lines[0].revocation is Revocation.EXPIRES
    assert client.end(started.task_id).task_id == started.task_id  # again, by the launcher: still the receipt
    assert client.task(started.task_id)["state"] == "ended"
    with pytest.raises(Conflict):
        session.credentials("plain")


def test_kill_revoke_explain_and_scopes(client: BrokerClient) -> None:
    """The other calls of a launcher answer, each with its kind of value."""
    started, session = begin(client)
    issued = session.credentials("plain")
    assert isinstance(issued, Credential)
    assert client.revoke(issued.lease_id).lines[0].grant == "plain"
    assert client.explain("hello", "plain")["allowed"] is True
    assert client.explain("missing")["allowed"] is False
    assert client.kill(started.task_id, "a test").task_id == started.task_id
    assert client.task(started.task_id)["state"] == "killed"
    other, _ = begin(client)
    assert client.kill_scope(f"task:{other.task_id}")["receipts"]
    assert client.task(other.task_id)["state"] == "killed"


def test_lists_and_events(client: BrokerClient) -> None:
    """A launcher sees its tasks and their leases; a session has `sandbox:` events recorded and no others."""
    started, session = begin(client)
    issued = session.credentials("plain")
    assert isinstance(issued, Credential)
    assert started.task_id in [item["id"] for item in client.tasks()]
    assert issued.lease_id in [item["id"] for item in client.leases()]
    session.event("sandbox:command:started", {"tier": "bwrap", "words": 3})
    for name in ("broker:credential:issued", "sandbox:no:such"):
        with pytest.raises(BadRequest):
            session.event(name, {})


def test_refusals_keep_their_class_rule_and_way_on(client: BrokerClient) -> None:
    """What the broker refuses arrives as the exception it was there."""
    with pytest.raises(Refused) as caught:
        client.start_task("missing", "a test")
    assert caught.value.rule == "unknown-policy"
    assert "hello" in caught.value.fix
    _, session = begin(client)
    with pytest.raises(Refused, match="wider"):
        session.credentials("plain", narrow={"ttl": 3000})
    with pytest.raises(BadRequest):
        session.credentials("plain", narrow={"scope": "all"})
    narrowed = session.credentials("plain", narrow={"ttl": 5})
    assert isinstance(narrowed, Credential)
    assert narrowed.expires_at <= time.time() + 5


def test_a_waiting_grant_is_issued_after_another_persons_word(endpoint: str) -> None:
    """202 becomes Waiting; the requester's own word does not count; asked again by its key, it is a credential."""
    with BrokerClient(endpoint, token("ci")) as ci, BrokerClient(endpoint, token("alice")) as alice:
        _, session = begin(ci, "careful")
        waiting = session.credentials("gated")
        assert isinstance(waiting, Waiting)
        assert waiting.approval_id in waiting.url
        assert waiting.approval_id in [item["approval_id"] for item in alice.approvals()]
        with pytest.raises(BrokerError):
            ci.decide(waiting.approval_id, "approve", "mine")
        assert alice.decide(waiting.approval_id, "approve", "looked at it")["state"] == "granted"
        issued = session.credentials("gated", idempotency_key=waiting.idempotency_key)
        assert isinstance(issued, Credential)


def test_a_stolen_bootstrap_kills_the_task(client: BrokerClient) -> None:
    """The right value with another key: the first session is dead as well."""
    started, session = begin(client)
    with pytest.raises(Conflict, match="another key"):
        client.activate(started.task_id, started.bootstrap)
    with pytest.raises(Conflict):
        session.credentials("plain")
    assert client.task(started.task_id)["state"] == "killed"


def test_a_wrong_bootstrap_is_refused_and_not_quoted(client: BrokerClient) -> None:
    """The message of the refusal does not hold the value that was tried."""
    started = client.start_task("hello", "a test")
    with pytest.raises(Unauthenticated) as caught:
        client.activate(started.task_id, Secret("canary-bootstrap"))
    assert "canary" not in str(caught.value)
    client.activate(started.task_id, started.bootstrap)


def test_a_session_token_without_its_key_is_worth_nothing(client: BrokerClient) -> None:
    """Whoever copies the token but not the key is refused; so is a session that is pointed at another task."""
    started, session = begin(client)
    _, other = begin(client)
    stolen = Session(client._wire, other._prove._key, started.task_id, session._prove._token or Secret(""))
    with pytest.raises(Unauthenticated):
        stolen.credentials("plain")
    session.task_id = other.task_id
    with pytest.raises(NotFound):
        session.credentials("plain")


def test_a_lost_credential_answer_is_asked_for_again(client: BrokerClient, lossy: Lossy) -> None:
    """The broker did the work and the answer was cut off: the second attempt gets that very lease, not another."""
    _, session = begin(client)
    lossy.lose("/credentials")
    issued = session.credentials("plain")
    assert isinstance(issued, Credential)
    assert [path for _, path in lossy.seen if path.endswith("/credentials")] == [lossy.seen[0][1]] * 2
    leases: Any = session.task()["leases"]
    assert [lease["lease_id"] for lease in leases] == [issued.lease_id]


def test_a_lost_activation_gives_the_same_session(client: BrokerClient, lossy: Lossy) -> None:
    """Proof by the same key within a minute is no theft."""
    started = client.start_task("hello", "a test")
    lossy.lose("/activate")
    session = client.activate(started.task_id, started.bootstrap)
    assert session.task()["state"] == "active"


def test_a_lost_end_is_repeated_and_a_lost_start_is_not(client: BrokerClient, lossy: Lossy) -> None:
    """Ending twice does no harm; starting twice would leave a task that nobody knows of."""
    started, _ = begin(client)
    lossy.lose("/end")
    assert client.end(started.task_id).task_id == started.task_id
    lossy.lose("/v1/tasks")
    with pytest.raises(Unreachable, match="lost"):
        client.start_task("hello", "a test")
    assert lossy.seen == [("POST", "/v1/tasks")]


def test_over_loopback_only_a_token_identifies(lossy: Lossy, assembled: Assembled) -> None:
    """TCP has no peer: without a token nobody, with one its subject."""
    with serving(lossy) as base:
        with BrokerClient(base) as nobody, pytest.raises(Unauthenticated):
            nobody.start_task("hello", "a test")
        with BrokerClient(base, token("ci")) as ci:
            started = ci.start_task("careful", "a test")
            assert ci.task(started.task_id)["launcher"] == f"jwt:{ISSUER}:ci"


def test_what_is_sent_holds_no_private_key_and_names_cannot_leave_the_path() -> None:
    """Activation sends the public key alone; an id with slashes and dots stays one segment."""
    sent: list[tuple[str, bytes]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sent.append((scope["raw_path"].decode(), await body_of(receive)))
        await answer(send, 200, b'{"session":"s","task_id":"t"}')

    with serving(app) as base, BrokerClient(base) as client:
        client.activate("../kill?x#y", Secret("b"))
    ((path, body),) = sent
    assert path == "/v1/tasks/..%2Fkill%3Fx%23y/activate"
    assert set(json.loads(body)["jwk"]) == {"kty", "crv", "x", "y"}


def test_secrets_are_in_no_representation(client: BrokerClient) -> None:
    """Not of a started task, nor a credential, nor a session, nor the client."""
    started, session = begin(client)
    issued = session.credentials("plain")
    assert isinstance(issued, Credential)
    secrets = [started.bootstrap.reveal(), issued.fields["token"].reveal(), session._prove._token.reveal()]  # type: ignore[union-attr]
    shown = repr((started, issued, session, vars(session), vars(session._prove), client, vars(client)))
    assert not [secret for secret in secrets if secret in shown]
    assert str(session._prove._key.as_dict(private=True)["d"]) not in shown


@pytest.mark.parametrize("text", ["", "a b", "a\r\nX: y", "tökén", "a\0"])
def test_a_token_that_would_break_a_header_is_refused_unquoted(text: str) -> None:
    """No header injection, and no exception of a codec that quotes the token. An empty token is none."""
    if not text:
        BrokerClient("unix:/nowhere", Secret(text)).close()
        return
    with pytest.raises(BadRequest) as caught:
        BrokerClient("unix:/nowhere", Secret(text))
    assert text not in str(caught.value)


def test_a_broker_that_is_not_there(tmp_path: Path) -> None:
    """Says so, and says that nothing was sent."""
    client = BrokerClient(f"unix:{tmp_path}/none.sock", timeout=0.2)
    with contextlib.closing(client), pytest.raises(Unreachable, match="nothing was sent"):
        client.start_task("hello", "a test")
