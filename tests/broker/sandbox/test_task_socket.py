"""task.sock: four calls, one task, and nothing that a hostile peer sends gets further."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import stat
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.client import Credential, Waiting
from broker.errors import Refused, TooMany, Unreachable
from broker.sandbox import task_socket
from broker.sandbox.task_socket import MAX_BODY, MAX_CONNECTIONS, TaskSocket, answer
from secretguard.secret import Secret

VALUE = "made-up-" + "value"


def anybody(pid: int) -> bool:
    return True


class Session:
    """Answers as told and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object, object]] = []
        self.reported: list[Mapping[str, object]] = []
        self.exposed: list[tuple[str, str, str]] = []
        self.gate = threading.Event()
        self.gate.set()

    def task(self) -> dict[str, object]:
        self.gate.wait(10)
        return {"task_id": "t-1", "state": "active"}

    def report(self, records: Sequence[Mapping[str, object]]) -> int:
        self.reported.extend(records)
        if records[0].get("event") == "too much":
            raise TooMany("this task has reported all that is kept", rule="report-cap")
        return len(records)

    def expose(self, where: str, value: Secret | None = None, sha256: str | None = None) -> dict[str, object]:
        self.exposed.append((where, value.reveal() if value else "", sha256 or ""))
        return {"leases": [], "reissue": False}

    def credentials(
        self, grant: str, narrow: Mapping[str, object] | None = None, idempotency_key: str | None = None
    ) -> Credential | Waiting:
        self.asked.append((grant, narrow, idempotency_key))
        if grant == "waits":
            return Waiting("a-1", "http://broker/approvals/a-1", "key-1")
        if grant == "refused":
            raise Refused("not this grant", "ask for db", rule="no-such-grant")
        if grant == "lost":
            raise Unreachable("the broker could not be reached", "is it running?")
        return Credential(grant, "l-1", 1234, {"token": Secret(VALUE)}, "inject" if grant == "injected" else "socket")


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def path(tmp_path: Path, session: Session) -> Iterator[str]:
    served = TaskSocket(str(tmp_path / "task.sock"), session, anybody)
    yield str(tmp_path / "task.sock")
    served.close()


def exchange(path: str, data: bytes) -> bytes:
    """Send bytes, then read to the end."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(15)
        client.connect(path)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(data)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := client.recv(65536):
                received += chunk
        return received


def ask(path: str, method: str, target: str, body: object = None) -> tuple[int, str, dict[str, object]]:
    """Status, media type and document."""
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"{method} {target} HTTP/1.1\r\nHost: task\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    head, _, document = exchange(path, head + content).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    media = next(line.split(": ")[1] for line in lines if line.lower().startswith("content-type"))
    return int(lines[0].split()[1]), media, json.loads(document)


def test_the_socket_is_private(path: str) -> None:
    """Mode 0600, whatever the umask."""
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_the_task_can_be_asked_for(path: str) -> None:
    """GET /v1/task is the session's task."""
    assert ask(path, "GET", "/v1/task") == (200, "application/json", {"task_id": "t-1", "state": "active"})


def test_what_a_guard_inside_recorded_is_handed_on(path: str, session: Session) -> None:
    """POST /v1/events goes to the task's own session; the body names no task."""
    record = {"event": "guard:command:allowed", "seq": 1}
    assert ask(path, "POST", "/v1/events", {"records": [record]})[::2] == (201, {"recorded": 1})
    assert session.reported == [record]
    status, _, refusal = ask(path, "POST", "/v1/events", {"records": [{"event": "too much"}]})
    assert (status, refusal["rule"]) == (429, "report-cap")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", {}, {"records": []}, {"records": {}}, {"records": ["x"]}, {"records": [{}], "task": "t-2"}],
)
def test_a_report_of_another_form_is_refused(path: str, session: Session, body: object) -> None:
    """Nothing of it reaches the session."""
    assert ask(path, "POST", "/v1/events", body)[0] == 400
    assert session.reported == []


def test_a_leak_is_reported_by_value_or_digest(path: str, session: Session) -> None:
    """POST /v1/exposures goes to the task's own session; the body names no task and no lease."""
    answer = (200, "application/json", {"leases": [], "reissue": False})
    assert ask(path, "POST", "/v1/exposures", {"value": "made-up-value", "where": "stdout"}) == answer
    assert ask(path, "POST", "/v1/exposures", {"fingerprint": "a" * 64, "where": "a file"}) == answer
    assert session.exposed == [("stdout", "made-up-value", ""), ("a file", "", "a" * 64)]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", {}, {"where": "x"}, {"value": "v"}, {"value": 1, "where": "x"}, {"value": "v", "where": 1},
        {"value": "v", "fingerprint": "a", "where": "x"}, {"value": "v", "where": ""},
        {"value": "v", "where": "x", "lease": "lease-1"}, {"value": "v", "where": "x", "task": "t-2"},
    ],
)  # fmt: skip
def test_a_leak_of_another_form_is_refused(path: str, session: Session, body: object) -> None:
    """Nothing of it reaches the session."""
    assert ask(path, "POST", "/v1/exposures", body)[0] == 400
    assert session.exposed == []


def test_a_credential_is_handed_over(path: str, session: Session) -> None:
    """201 with fields, lease and end; what was asked for reaches the session unchanged."""
    asked = {"grant": "db", "narrow": {"ttl": 5}, "idempotency_key": "k"}
    status, _, document = ask(path, "POST", "/v1/credentials", asked)
    assert (status, document["credential"]) == (201, {"token": VALUE})
    assert (document["lease_id"], document["expires_at"]) == ("l-1", 1234)
    assert session.asked == [("db", {"ttl": 5}, "k")]


def test_what_is_for_injection_is_not_handed_over(path: str, session: Session) -> None:
    """Even by a broker that would: the socket asks for nothing of the kind, and lets nothing of the kind in."""
    status, _, document = ask(path, "POST", "/v1/credentials", {"grant": "injected"})
    assert (status, document["rule"]) == (403, "delivery")
    assert VALUE not in json.dumps(document)
    assert ask(path, "POST", "/v1/credentials", {"grant": "db", "delivery": "inject"})[0] == 400
    assert [one[0] for one in session.asked] == ["injected"]


def test_waiting_is_passed_through(path: str) -> None:
    """202 with where a person decides and the key to ask again with."""
    status, _, document = ask(path, "POST", "/v1/credentials", {"grant": "waits"})
    assert status == 202
    assert document["url"] == "http://broker/approvals/a-1"
    assert document["idempotency_key"] == "key-1"


@pytest.mark.parametrize(("grant", "status"), [("refused", 403), ("lost", 504)])
def test_refusals_are_problem_documents(grant: str, status: int, path: str) -> None:
    """The broker's reason, fix and rule come through as RFC 9457."""
    seen, media, document = ask(path, "POST", "/v1/credentials", {"grant": grant})
    assert (seen, media, document["status"]) == (status, "application/problem+json", status)
    assert document["detail"]
    assert document["fix"]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/v1/tasks"), ("GET", "/v1/tasks"), ("GET", "/v1/tasks/t-2"), ("POST", "/v1/tasks/t-1/credentials"),
        ("POST", "/v1/tasks/t-2/credentials"), ("POST", "/v1/tasks/t-1/end"), ("POST", "/v1/tasks/t-1/kill"),
        ("POST", "/v1/kill"), ("POST", "/v1/leases/l-1/revoke"), ("POST", "/v1/explain"), ("GET", "/v1/approvals"),
        ("POST", "/v1/approvals/a-1/decide"), ("GET", "/v1/log/entries"), ("GET", "/v1/task/../tasks"),
        ("GET", "http://broker/v1/task"), ("POST", "/v1/task"), ("GET", "/v1/credentials"), ("DELETE", "/v1/task"),
        ("GET", "/v1/task?task_id=t-2"), ("GET", "/docs"), ("GET", "/"),
    ],
)  # fmt: skip
def test_nothing_else_is_there(method: str, target: str, path: str, session: Session) -> None:
    """No launcher's call, no other task's, no administration: 404, and nothing was forwarded."""
    status, _, document = ask(path, method, target, {"grant": "db"} if method == "POST" else None)
    assert (status, document["title"]) == (404, "Not found")
    assert session.asked == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"{", b"\xff", b'{"grant": 1}', b'{"grant": ""}', b"{}",
        b'{"grant": "a", "task_id": "t-2"}',
        b'{"grant": "a", "grant": "b"}', b'{"grant": "a", "narrow": []}', b'{"grant": "a", "idempotency_key": ""}',
        b'{"grant": NaN}', b"[" * 15000, b'{"grant": "a", "idempotency_key": "' + b"k" * 201 + b'"}',
    ],
)  # fmt: skip
def test_a_bad_body_is_named_and_not_forwarded(body: bytes, path: str, session: Session) -> None:
    """Unreadable, duplicate, unknown and mistyped fields are 400."""
    assert ask(path, "POST", "/v1/credentials", body)[0] == 400
    assert session.asked == []


def test_too_long_is_refused(path: str, session: Session) -> None:
    """Body and head have caps."""
    assert ask(path, "POST", "/v1/credentials", b'{"grant": "' + b"a" * MAX_BODY + b'"}')[0] == 400
    assert b" 400 " in exchange(path, b"GET /v1/task HTTP/1.1\r\nX: " + b"a" * 100_000).split(b"\r\n")[0]
    assert session.asked == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=200))
def test_noise_does_no_harm(path: str, noise: bytes) -> None:
    """Bytes that are not HTTP get a refusal or nothing, and the next request is answered."""
    received = exchange(path, noise + b"\r\n\r\n")
    assert received == b"" or b" 400 " in received.split(b"\r\n")[0] or b" 404 " in received.split(b"\r\n")[0]
    assert ask(path, "GET", "/v1/task")[0] == 200


def test_one_request_a_connection(path: str, session: Session) -> None:
    """A second request in the same connection, by whatever framing, is not answered."""
    second = b"POST /v1/credentials HTTP/1.1\r\nHost: t\r\nContent-Length: 15\r\n\r\n" + b'{"grant": "db"}'
    received = exchange(path, b"GET /v1/task HTTP/1.1\r\nHost: t\r\n\r\n" + second)
    assert received.count(b"HTTP/1.1 ") == 1
    assert session.asked == []


def test_a_slow_peer_is_let_go(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that never ends its request is closed at the deadline without an answer."""
    monkeypatch.setattr(task_socket, "SECONDS", 0.2)
    served = TaskSocket(str(tmp_path / "slow.sock"), session, anybody)
    try:
        assert exchange(str(tmp_path / "slow.sock"), b"GET /v1/task HTTP/1.1\r\n") == b""
    finally:
        served.close()


def test_too_many_connections(path: str, session: Session) -> None:
    """Beyond the cap the answer is 429 at once; when the others are done there is room again."""
    session.gate.clear()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(MAX_CONNECTIONS)]
        for client in clients:
            client.settimeout(15)
            client.connect(path)
            client.sendall(b"GET /v1/task HTTP/1.1\r\nHost: t\r\n\r\n")
        assert b" 429 " in exchange(path, b"GET /v1/task HTTP/1.1\r\nHost: t\r\n\r\n").split(b"\r\n")[0]
        session.gate.set()
        assert all(b" 200 " in client.recv(65536).split(b"\r\n")[0] for client in clients)


def test_closed_means_closed(tmp_path: Path, session: Session) -> None:
    """After close nobody is answered."""
    served = TaskSocket(str(tmp_path / "task.sock"), session, anybody)
    served.close()
    with socket.socket(socket.AF_UNIX) as client, pytest.raises(ConnectionRefusedError):
        client.connect(str(tmp_path / "task.sock"))


def test_a_value_is_only_in_the_credential(session: Session) -> None:
    """The answer holds the value once, and a refusal never."""
    issued = json.dumps(answer(session, "POST", "/v1/credentials", b'{"grant": "db"}'))
    assert issued.count(VALUE) == 1
    assert VALUE not in json.dumps(answer(session, "POST", "/v1/credentials", b'{"grant": "refused"}'))


def test_a_stranger_is_turned_away(tmp_path: Path, session: Session) -> None:
    """A process that is not the sandbox's gets 401, whatever it sends, and nothing is forwarded."""
    asked: list[int] = []

    def nobody(pid: int) -> bool:
        asked.append(pid)
        return False

    served = TaskSocket(str(tmp_path / "task.sock"), session, nobody)
    try:
        status, _, document = ask(str(tmp_path / "task.sock"), "POST", "/v1/credentials", {"grant": "db"})
    finally:
        served.close()
    assert (status, document["title"]) == (401, "Unauthenticated")
    assert asked == [os.getpid()]
    assert session.asked == []


def test_a_stranger_is_heard_out_first(tmp_path: Path, session: Session) -> None:
    """The connection stays open until the request is there, or a second has gone: curl takes a connection that hangs up
    before that for one that failed, and never sees the refusal."""
    socket_path = str(tmp_path / "task.sock")
    served = TaskSocket(socket_path, session, lambda pid: False)
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(socket_path)
            poll = select.poll()
            poll.register(client, select.POLLOUT)
            time.sleep(0.2)  # long enough for a server that would not wait
            assert poll.poll(0) == [(client.fileno(), select.POLLOUT)]
            client.sendall(b"GET /v1/task HTTP/1.1\r\nhost: task\r\n\r\n")
            assert client.recv(65536).startswith(b"HTTP/1.1 401")
        with socket.socket(socket.AF_UNIX) as silent:
            silent.settimeout(10)
            silent.connect(socket_path)
            assert silent.recv(65536) == b""
    finally:
        served.close()
