"""The HTTP API over a real server: who may call what, the shapes of answers, and hostile requests."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import sqlalchemy as sa
from joserfc.jwk import ECKey

from broker.api import control
from broker.api.app import MAX_BODY, create_app
from broker.api.approvals import LIMIT
from broker.authenticate.bearer_jwt import BearerVerifier
from broker.authenticate.dpop import UNIX_BASE_URL, make_proof
from broker.client import Credential, Waiting
from broker.errors import BadRequest, Conflict, NotFound, Refused, TooMany, Unauthenticated
from broker.store.log import sequence
from broker.store.tables import approvals, proofs
from secretguard.audit.checkpoint import verify as verify_checkpoint
from secretguard.audit.merkle import verify_inclusion
from secretguard.secret import Secret
from tests.broker.api.running import ME, Held, Running
from tests.broker.authenticate.tokens import verifier_of
from tests.broker.scenario import recorded
from tests.broker.serving import serving


def test_a_task_from_start_to_receipt(running: Running) -> None:
    """The whole API for one task, by the shipped client."""
    with running.client() as client:
        started = client.start_task("work", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        answer = session.credentials("db", {"ttl": 60})
        assert isinstance(answer, Credential)
        assert answer.fields["token"].reveal() == running.source.alive[answer.lease_id]
        assert client.task(started.task_id)["state"] == "active"
        receipt = session.end()
        assert receipt.complete
        assert answer.lease_id not in running.source.alive
        assert client.task(started.task_id)["state"] == "ended"
        with pytest.raises(Conflict):
            session.credentials("db")


def test_an_approval_by_another_identity(running: Running) -> None:
    """202, a yes from an approver, then the same request succeeds."""
    with running.client(running.token("ada")) as ada, running.client(running.token("grace", "approvers")) as grace:
        started = ada.start_task("gated", "release 1.0")
        session = ada.activate(started.task_id, started.bootstrap)
        waiting = session.credentials("gated")
        assert isinstance(waiting, Waiting)
        assert waiting.url == f"/v1/approvals/{waiting.approval_id}"
        assert [item["approval_id"] for item in grace.approvals()] == [waiting.approval_id]
        with pytest.raises(Refused):
            ada.decide(waiting.approval_id, "approve", "mine")
        assert grace.decide(waiting.approval_id, "approve", "fine")["state"] == "granted"
        assert isinstance(session.credentials("gated", idempotency_key=waiting.idempotency_key), Credential)


def test_a_unix_peer_cannot_start_what_needs_a_person(running: Running) -> None:
    """Whatever user it is."""
    with running.client() as client, pytest.raises(Refused) as refused:
        client.start_task("gated", "a test")
    assert refused.value.rule == "unattended"


def test_others_tasks_do_not_exist(running: Running) -> None:
    """Another launcher neither sees nor ends nor kills a task, nor its lease or approval; nobody is an operator."""
    with running.client() as mine, running.client(running.token("eve")) as eve:
        started = mine.start_task("work", "a test")
        session = mine.activate(started.task_id, started.bootstrap)
        lease = session.credentials("db")
        assert isinstance(lease, Credential)
        for call in (
            lambda: eve.task(started.task_id),
            lambda: eve.end(started.task_id),
            lambda: eve.kill(started.task_id, "x"),
            lambda: eve.revoke(lease.lease_id),
        ):
            with pytest.raises(NotFound):
                call()
        assert eve.tasks() == eve.leases() == eve.approvals() == []
        for scope in ("all", f"task:{started.task_id}", f"launcher:{ME}"):
            with pytest.raises(Refused):
                eve.kill_scope(scope, "x")
        assert mine.kill_scope(f"launcher:{ME}", "x")["complete"] is True
        assert lease.lease_id not in running.source.alive


def test_a_kill_of_very_many_leases_is_answered_with_what_is_left(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that no client reads would hide that the kill is done."""
    monkeypatch.setattr(control, "MOST_LINES", 1)
    with running.client() as mine:
        for _ in range(2):
            started = mine.start_task("work", "a test")
            mine.activate(started.task_id, started.bootstrap).credentials("db")
        told = mine.kill_scope(f"launcher:{ME}", "x")
        receipts = told["receipts"]
        assert isinstance(receipts, list)
        assert (told["complete"], [one["lines"] for one in receipts]) == (True, [[]] * len(receipts))
        assert len(receipts) >= 2


def test_a_session_is_for_its_own_task_and_calls(running: Running) -> None:
    """It reaches no other task, and none of the launcher's calls."""
    with running.client() as client:
        first, second = (client.start_task("work", "a test") for _ in range(2))
        session = client.activate(first.task_id, first.bootstrap)
        session.task_id = second.task_id
        for call in (session.task, session.end, lambda: session.credentials("db")):
            with pytest.raises(NotFound):
                call()


def test_a_session_makes_no_launchers_call(running: Running) -> None:
    """With a good proof for each: it starts, explains, lists and kills nothing."""
    with running.client() as client, running.raw() as raw:
        mine = Held(raw, client.start_task("work", "a test"))
        calls = {
            "/v1/tasks": {"policy": "work", "purpose": "p"},
            "/v1/explain": {"policy": "work"},
            "/v1/kill": {"scope": "all"},
            f"/v1/tasks/{mine.task_id}/kill": {"reason": "x"},
        }
        for path, body in calls.items():
            assert raw.post(path, json=body, headers=mine.headers("POST", path)).status_code == 401
        assert raw.get("/v1/leases", headers=mine.headers("GET", "/v1/leases")).status_code == 401


def test_a_stolen_session_token_is_worth_nothing(running: Running) -> None:
    """Without the key no proof; with another key's proof no session; the same proof works once."""
    with running.client() as client, running.raw() as raw:
        mine = Held(raw, client.start_task("work", "a test"))
        path = f"/v1/tasks/{mine.task_id}"
        own, theirs = mine.headers("GET", path), mine.headers("GET", path, ECKey.generate_key("P-256"))
        bearer = {"Authorization": own["Authorization"].replace("DPoP", "Bearer")}
        sent = [{"Authorization": own["Authorization"]}, bearer, theirs, own, own]
        assert [raw.get(path, headers=headers).status_code for headers in sent] == [401, 401, 401, 200, 401]


def test_activation_needs_the_key_it_names(running: Running) -> None:
    """A public key copied into the body without its proof binds nothing."""
    with running.client() as client, running.raw() as raw:
        started = client.start_task("work", "a test")
        path = f"/v1/tasks/{started.task_id}/activate"
        named, proving = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
        proof = make_proof(proving, "ES256", "POST", UNIX_BASE_URL + path, None, time.time(), running.nonce())
        body = {"bootstrap": started.bootstrap.reveal(), "jwk": named.as_dict(private=False)}
        answer = raw.post(path, json=body, headers={"DPoP": proof})
        assert answer.status_code == 401
        assert client.activate(started.task_id, started.bootstrap)


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/v1/tasks", b"{", 400),
        ("POST", "/v1/tasks", b"[]", 400),
        ("POST", "/v1/tasks", b'{"policy": "work"}', 400),
        ("POST", "/v1/tasks", b'{"policy": "work", "purpose": "x", "launcher": "unix:0"}', 400),
        ("POST", "/v1/tasks", b'{"policy": 7, "purpose": "x"}', 400),
        ("POST", "/v1/tasks", b'{"policy": "../x", "purpose": "x"}', 400),
        ("POST", "/v1/tasks", b'{"policy": "work", "purpose": "x", "narrow": {"deadline": true}}', 400),
        ("POST", "/v1/tasks", b'{"policy": "work", "purpose": "x", "narrow": {"deadline": "60"}}', 400),
        ("POST", "/v1/tasks", b'{"policy": "work", "purpose": "x", "narrow": {"deadline": 99999999}}', 403),
        ("POST", "/v1/tasks", b'{"policy": "none", "purpose": "x"}', 403),
        ("POST", "/v1/tasks", b" " * (MAX_BODY + 1), 413),
        ("POST", "/v1/tasks", b"[" * 60_000, 400),
        ("DELETE", "/v1/tasks", b"", 405),
        ("GET", "/v1/nothing", b"", 404),
        ("GET", "/v1/tasks/%2e%2e/x", b"", 404),
        ("GET", "/v1/tasks/task-nope", b"", 404),
        ("GET", "/v1/approvals/appr-nope", b"", 404),
        ("POST", "/v1/leases/lease-nope/revoke", b"", 404),
        ("POST", "/v1/kill", b'{"scope": "all"}', 403),
        ("GET", "/v1/log/entries", b"", 403),
        ("GET", "/docs", b"", 404),
    ],
)
def test_bad_requests_are_problem_documents(
    running: Running, method: str, path: str, content: bytes, status: int
) -> None:
    """Status, media type and shape of RFC 9457 for each; nothing is issued."""
    before = len(running.source.minted)
    with running.raw() as raw:
        answer = raw.request(method, path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= answer.json().keys()
    assert answer.json()["status"] == status
    assert len(running.source.minted) == before


def test_a_validation_error_does_not_repeat_what_was_sent(running: Running) -> None:
    """A bootstrap in the wrong field comes back in no answer."""
    with running.raw() as raw:
        answer = raw.post("/v1/tasks/task-1/activate", json={"bootstrap": ["canary-value"], "jwk": {}})
    assert answer.status_code == 400
    assert "canary" not in answer.text


def test_a_chunked_body_is_capped_as_it_arrives(running: Running) -> None:
    """Without a Content-Length too."""

    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * 1024

    with running.raw() as raw:
        answer = raw.post("/v1/tasks", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_a_body_that_does_not_arrive_is_given_up(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that stops in the middle is answered 408 and cut off."""
    monkeypatch.setattr("broker.api.app.BODY_SECONDS", 0.3)
    with socket.socket(socket.AF_UNIX) as slow:
        slow.settimeout(20)
        slow.connect(running.socket)
        slow.sendall(b"POST /v1/tasks HTTP/1.1\r\nHost: broker\r\nContent-Length: 100\r\n\r\n{")
        answer = b""
        while part := slow.recv(4096):
            answer += part
    assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("authorization", ["Basic eDp5", "Bearer", "Bearer x.y.z", "Token x", "DPoP x"])
def test_a_broken_identity_does_not_fall_back_to_the_socket(running: Running, authorization: str) -> None:
    """Whoever shows a token is judged by that token alone."""
    with running.raw() as raw:
        answer = raw.post(
            "/v1/tasks", json={"policy": "work", "purpose": "x"}, headers={"Authorization": authorization}
        )
    assert answer.status_code == 401


def test_two_identities_at_once_are_none(running: Running) -> None:
    """Duplicate Authorization headers are refused, not picked from."""
    token = f"Bearer {running.token('ada').reveal()}"
    with running.raw() as raw:
        headers = [("Authorization", token), ("Authorization", token)]
        assert raw.get("/v1/tasks", headers=headers).status_code == 401


def test_explain_issues_and_records_nothing(running: Running) -> None:
    """The decision, the rule and the nearest request that would pass."""
    before = len(recorded(running.broker))
    with running.client() as client:
        answer = client.explain("work", "db")
        assert answer["allowed"] is True
        refused = client.explain("gated")
        assert (refused["allowed"], refused["rule"]) == (False, "unattended")
        assert refused["would_pass"]
    assert len(recorded(running.broker)) == before


def test_wrong_bootstraps_are_limited(running: Running) -> None:
    """Ten guesses are 401, more are 429."""
    with running.client() as client:
        started = client.start_task("work", "a test")
        for _ in range(10):
            with pytest.raises(Unauthenticated):
                client.activate(started.task_id, Secret("a guess"))
        with pytest.raises(TooMany):
            client.activate(started.task_id, Secret("a guess"))


def test_the_log_is_served_with_proofs(running: Running) -> None:
    """The checkpoint verifies by the key, and an entry by its inclusion proof; entries are for operators."""
    broker = dataclasses.replace(running.broker, operators=(ME,))
    sequence(broker.database, broker.signer, broker.clock)
    other = create_app(broker, BearerVerifier(()), verifier_of(broker), None)  # type: ignore[arg-type]
    path = running.socket.replace("launch", "other")
    with serving(other, path), httpx.Client(transport=httpx.HTTPTransport(uds=path), base_url="http://broker") as raw:
        _, size, root = verify_checkpoint(raw.get("/v1/log/checkpoint").text, broker.signer.key.public_key())
        entry = raw.get("/v1/log/entries", params={"start": 1, "count": 1}).json()["entries"][0]
        proof = raw.get("/v1/log/proof", params={"size": size, "leaf": 1}).json()["proof"]
        hashes = [bytes.fromhex(one) for one in proof]
        assert verify_inclusion(bytes.fromhex(entry["hash"]), 1, size, hashes, root)
        assert raw.get("/v1/log/proof", params={"size": size + 1, "leaf": 1}).status_code == 400


def test_events_of_the_sandbox_are_recorded(running: Running) -> None:
    """The supervisor reports a sandbox event; no other event can be written this way."""
    with running.client() as client:
        started = client.start_task("work", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        session.event("sandbox:command:started", {"tier": "bwrap"})
        for event in ("broker:lease:issued", "sandbox:made:up"):
            with pytest.raises(BadRequest):
                session.event(event, {})
    record = recorded(running.broker, "sandbox:command:started")[0]
    assert (record["task"], record["reported"]) == (started.task_id, {"tier": "bwrap"})


def test_the_issuers_documents_are_public(running: Running) -> None:
    """Discovery and keys, for whoever verifies a task's token."""
    with running.raw() as raw:
        discovery = raw.get("/.well-known/openid-configuration").json()
        assert discovery["jwks_uri"].endswith("/.well-known/jwks.json")
        assert raw.get("/.well-known/jwks.json").json()["keys"][0]["kty"] == "OKP"
        assert raw.get("/healthz").json() == {"status": "ok"}
        assert raw.get("/readyz").json() == {"status": "ready"}
        assert raw.get("/openapi.json").json()["paths"]["/v1/tasks"]


def test_a_bug_says_nothing_of_itself(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    """An unforeseen exception is a bland 500, its values neither in the answer nor in the log."""
    broken = dataclasses.replace(running.broker, policies=5)  # type: ignore[arg-type]
    app = create_app(broken, BearerVerifier(()), verifier_of(broken), None)  # type: ignore[arg-type]
    path = running.socket.replace("launch", "broken")
    with (
        caplog.at_level(logging.INFO),
        serving(app, path),
        httpx.Client(transport=httpx.HTTPTransport(uds=path), base_url="http://broker") as raw,
    ):
        answer = raw.post("/v1/tasks", json={"policy": "work", "purpose": "canary-value"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "canary" not in answer.text + caplog.text


def test_a_ticket_of_the_guard_is_approved_and_used_once(running: Running) -> None:
    """Opened by a Unix peer, approved by a person, consumed by its requester alone, for its digest alone, once."""
    asked = {"request": {"command": "rm -r build"}, "policy_digest": "a" * 64, "rule": "destroy-asks"}
    digest = hashlib.sha256(b'{"command": "rm -r build"}').hexdigest()
    with running.raw() as raw, running.client(running.token("grace")) as grace:
        ticket = raw.post("/v1/approvals", json=asked).json()["approval_id"]
        path = f"/v1/approvals/{ticket}/consume"
        assert raw.post(path, json={"request_digest": digest}).status_code == 409
        assert (
            raw.post(f"/v1/approvals/{ticket}/decide", json={"decision": "approve", "reason": "x"}).status_code == 403
        )
        shown = next(item for item in grace.approvals() if item["approval_id"] == ticket)
        assert (shown["request"], shown["request_digest"]) == (asked["request"], digest)
        assert grace.decide(ticket, "approve", "fine")["state"] == "granted"
        other = {"Authorization": f"Bearer {running.token('eve').reveal()}"}
        assert raw.post(path, json={"request_digest": digest}, headers=other).status_code == 404
        assert raw.post(path, json={"request_digest": "b" * 64}).status_code == 409
        with ThreadPoolExecutor(4) as pool:
            codes = list(pool.map(lambda _: raw.post(path, json={"request_digest": digest}).status_code, range(4)))
        assert sorted(codes) == [200, 409, 409, 409]


def test_a_made_up_session_writes_nothing(running: Running) -> None:
    """Whoever has no session cannot fill the store with the uses of proofs, however many keys they make."""

    def uses() -> int:
        with running.broker.database.read() as tx:
            return int(tx.execute(sa.select(sa.func.count()).select_from(proofs)).scalar_one())

    with running.raw() as raw, running.client() as client:
        held = Held(raw, client.start_task("work", "a test"))
        held.token = Secret("A" * 43)
        before = uses()
        path = f"/v1/tasks/{held.task_id}/credentials"
        body = {"grant": "db", "idempotency_key": "key-0001"}
        assert raw.post(path, json=body, headers=held.headers("POST", path)).status_code == 401
        assert uses() == before


def test_others_requests_push_none_out_of_an_approvers_list(running: Running) -> None:
    """An approver sees what is theirs to decide, though more than a list's worth of others' requests is older."""
    with running.client() as client, running.client(running.token("grace", "approvers")) as grace:
        old = int(time.time()) - 60
        row = {"task_id": None, "requester": "unix:4242", "on_behalf_of": "unix:4242", "request": "{}", "needed": 1}
        row |= {"request_digest": "d", "policy_digest": "p", "approvers": "[]", "state": "waiting"}
        many = [{**row, "id": f"flood-{n}", "created_at": old, "expires_at": old + 900} for n in range(LIMIT + 1)]
        with running.broker.database.write() as tx:
            tx.execute(approvals.insert(), many)
        with running.client(running.token("ada")) as ada:
            started = ada.start_task("gated", "behind the flood")
            waiting = ada.activate(started.task_id, started.bootstrap).credentials("gated")
        assert isinstance(waiting, Waiting)
        seen = [item["approval_id"] for item in grace.approvals()]
        assert waiting.approval_id in seen
        assert not [one for one in seen if str(one).startswith("flood-")]
        assert client.approvals() == []
