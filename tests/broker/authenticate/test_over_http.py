"""Attacks on authentication as an attacker would send them: raw requests to the whole broker."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from broker.authenticate.dpop import UNIX_BASE_URL, make_proof
from broker.client import BrokerClient, Session, StartedTask
from secretguard.secret import Secret
from tests.broker.authenticate.tokens import EC, OTHER_EC
from tests.broker.serving import serving
from tests.broker.whole_broker import token, whole_broker

Headers = list[tuple[str, str]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The socket of a running broker."""
    home = tmp_path_factory.mktemp("broker")
    with whole_broker(home) as made, serving(made.app, str(home / "launch.sock")) as listening:
        yield listening


@pytest.fixture
def task(path: str) -> Iterator[tuple[StartedTask, Session]]:
    with BrokerClient(f"unix:{path}") as client:
        started = client.start_task("hello", "a test")
        yield started, client.activate(started.task_id, started.bootstrap)


def send(path: str, method: str, target: str, headers: Headers, body: str = "") -> tuple[int, dict[str, object]]:
    """One raw request; status and JSON answer."""
    lines = [f"{method} {target} HTTP/1.1", "Host: broker", "Connection: close", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(20)
        sock.connect(path)
        sock.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        head, _, rest = sock.makefile("rb").read().partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(rest) if rest.startswith(b"{") else {}


def shown(session: Session, method: str, target: str) -> Headers:
    """What the session itself would send for that request: what a thief on the way would see."""
    return list(session._prove(method, target).items())


def session_token(session: Session) -> Secret:
    assert session._prove._token is not None
    return session._prove._token


def test_a_captured_request_cannot_be_sent_again(path: str, task: tuple[StartedTask, Session]) -> None:
    """The first copy is answered; the second is refused, as are its headers on any other call."""
    started, session = task
    target = f"/v1/tasks/{started.task_id}"
    headers = shown(session, "GET", target)
    assert send(path, "GET", target, headers)[0] == 200
    assert send(path, "GET", target, headers)[0] == 401
    fresh = shown(session, "GET", target)
    for method, other in (("POST", target + "/end"), ("POST", target + "/credentials"), ("GET", target + "/")):
        status, _ = send(path, method, other, fresh, json.dumps({"grant": "plain", "idempotency_key": "12345678"}))
        assert status in (401, 307, 404), other
    assert send(path, "GET", target, fresh)[0] == 200  # the attempts did not even use it up


def test_of_many_copies_at_once_one_is_answered(path: str, task: tuple[StartedTask, Session]) -> None:
    """The replay cache is atomic."""
    started, session = task
    target = f"/v1/tasks/{started.task_id}"
    headers = shown(session, "GET", target)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(path, "GET", target, headers)[0], range(8)))
    assert sorted(answers) == [200] + [401] * 7


def test_spelling_a_path_differently_gains_nothing(path: str, task: tuple[StartedTask, Session]) -> None:
    """A proof is for the path as it was sent: encoded, doubled, dotted or queried forms are other requests."""
    started, session = task
    target = f"/v1/tasks/{started.task_id}"
    for other in (
        target.replace("t", "%74", 1),
        "/v1/./tasks/" + started.task_id,
        "/v1//tasks/" + started.task_id,
        "http://elsewhere" + target,
    ):
        assert send(path, "GET", other, shown(session, "GET", target))[0] in (400, 401, 404, 405)
    assert send(path, "GET", target + "?a=b", shown(session, "GET", target))[0] == 200  # RFC 9449: without query


def test_half_of_the_credentials_is_none(path: str, task: tuple[StartedTask, Session]) -> None:
    """Token without proof, proof without token, another key's proof, two proofs, two tokens, the wrong scheme."""
    started, session = task
    target = f"/v1/tasks/{started.task_id}/credentials"
    stolen = session_token(session)
    body = json.dumps({"grant": "plain", "idempotency_key": "12345678"})

    def proof() -> tuple[str, str]:
        return ("DPoP", dict(shown(session, "POST", target))["DPoP"])

    def by(scheme: str) -> tuple[str, str]:
        return ("Authorization", f"{scheme} {stolen.reveal()}")

    other = (
        "DPoP",
        make_proof(OTHER_EC, "ES256", "POST", UNIX_BASE_URL + target, stolen, time.time(), session._wire.nonce),
    )
    for headers in (
        [],
        [by("DPoP")],
        [proof()],
        [by("DPoP"), other],
        [by("DPoP"), proof(), other],
        [by("DPoP"), proof(), proof()],
        [by("DPoP"), by("DPoP"), proof()],
        [by("Bearer"), proof()],
        [by("Basic"), proof()],
        [("Authorization", "DPoP"), proof()],
        [("Authorization", "DPoP " + "x" * 40), proof()],
        [("Cookie", f"session={stolen.reveal()}"), proof()],
    ):
        status, answer = send(path, "POST", target, headers, body)
        assert status == 401, headers
        assert stolen.reveal() not in json.dumps(answer)
    assert session.task()["leases"] == []
    assert send(path, "POST", target, [by("dpop"), proof()], body)[0] == 201  # schemes have no case


def test_a_session_opens_its_own_task_alone(path: str, task: tuple[StartedTask, Session]) -> None:
    """A good session with a good proof for another task's path does not even learn that it exists."""
    _, session = task
    with BrokerClient(f"unix:{path}") as client:
        other = client.start_task("hello", "another")
        for target in (f"/v1/tasks/{other.task_id}", "/v1/tasks/task-000000000000000000000000"):
            status, answer = send(path, "GET", target, shown(session, "GET", target))
            assert (status, answer["rule"]) == (404, "unknown-task")
        for target in ("/v1/tasks", "/v1/approvals", "/v1/leases", "/v1/log/entries"):
            assert send(path, "GET", target, shown(session, "GET", target))[0] == 401
        client.end(other.task_id)


def test_an_identity_token_of_a_task_is_no_identity_here(path: str, task: tuple[StartedTask, Session]) -> None:
    """What a sandbox holds cannot be used to ask the broker for more."""
    _, session = task
    issued = session.credentials("plain")
    bearer = issued.fields["token"].reveal()  # type: ignore[union-attr]
    for headers in ([("Authorization", f"Bearer {bearer}")], [("Authorization", f"DPoP {bearer}")]):
        assert send(path, "GET", "/v1/tasks", headers)[0] == 401


def test_a_bad_token_does_not_fall_back_to_the_socket(path: str) -> None:
    """Whoever shows a token is that or nobody, even where the peer alone would do."""
    assert send(path, "GET", "/v1/tasks", [])[0] == 200
    good = token("ci").reveal()
    assert send(path, "GET", "/v1/tasks", [("Authorization", f"Bearer {good}")])[0] == 200
    for bad in (good[:-4] + "AAAA", "", "x", good + ".", good.partition(".")[2]):
        assert send(path, "GET", "/v1/tasks", [("Authorization", f"Bearer {bad}")])[0] == 401


def test_a_session_key_must_be_shown_at_activation(path: str) -> None:
    """No activation without proof, with another key's proof, or with a proof for a token; then it still works."""
    with BrokerClient(f"unix:{path}") as client:
        started = client.start_task("hello", "a test")
        target = f"/v1/tasks/{started.task_id}/activate"
        body = json.dumps({"bootstrap": started.bootstrap.reveal(), "jwk": EC.as_dict(private=False)})

        def proof(key: object, bound: Secret | None = None) -> Headers:
            return [
                (
                    "DPoP",
                    make_proof(key, "ES256", "POST", UNIX_BASE_URL + target, bound, time.time(), client._wire.nonce),
                )
            ]  # type: ignore[arg-type]

        for headers in ([], proof(OTHER_EC), proof(EC, Secret("x"))):
            assert send(path, "POST", target, headers, body)[0] == 401
        private = json.dumps({"bootstrap": started.bootstrap.reveal(), "jwk": EC.as_dict(private=True)})
        assert send(path, "POST", target, proof(EC), private)[0] == 401
        assert send(path, "POST", target, proof(EC), body)[0] == 200


def test_a_broker_asks_for_its_nonce_and_the_client_gives_it(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9449, section 8, whole: without a nonce 401 `use_dpop_nonce` with one to use; a client whose clock is ten
    minutes off, either way, works all the same."""
    with BrokerClient(f"unix:{path}") as client:
        started = client.start_task("hello", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        target = f"/v1/tasks/{started.task_id}"
        session._wire.nonce = ""
        status, answer = send(path, "GET", target, shown(session, "GET", target))
        assert (status, answer["rule"]) == (401, "use_dpop_nonce")
        assert session.task()["state"] == "active"  # asked, and asked again, by itself
        assert session._wire.nonce
        now = time.time()
        for off in (-600, 600):
            monkeypatch.setattr("broker.wire.time.time", lambda off=off: now + off)
            assert session.task()["state"] == "active"
        session.end()
