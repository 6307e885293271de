"""`task.sock`: the one thing a sandbox can talk to. HTTP/1.1, one request a connection, four calls and no others.

    GET  /v1/task                                                    this task's state
    POST /v1/credentials  {"grant", "narrow"?, "idempotency_key"?}    201 credential · 202 waiting for a person
    POST /v1/events       {"records": [...]}                           201 what a guard inside recorded, as claimed
    POST /v1/exposures    {"value" or "fingerprint", "where"}          200 a credential of this task got out

From inside: `curl --unix-socket $BROKER_TASK_SOCKET http://task/v1/credentials -d '{"grant": "NAME"}'`.
The task is the session's; no path and no body names one. Who may ask is decided by the kernel's word on the peer: other
processes of the same user are turned away. Refusals are RFC 9457 problem documents.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import h11

from broker.client import Credential, Waiting
from broker.errors import BadRequest, BrokerError, NotFound, Refused, TooMany, Unauthenticated
from secretguard import rawjson
from secretguard.platforms.here import peer
from secretguard.secret import Secret

MAX_BODY = 16 * 1024
MAX_HEAD = 8 * 1024
MAX_CONNECTIONS = 8
MAX_REFUSALS = 32
"""Connections beyond the others that are told so at one time; those beyond that are closed without a word."""

SECONDS = 10.0
"""Longest that one request may take to arrive, and its answer to be taken."""

STRANGER_SECONDS = 1.0
"""The same for a process that is turned away: it is heard out first, since curl takes a connection that is closed
before its request was sent for one that failed."""

Answer = tuple[int, dict[str, object]]
CALLS = ("GET /v1/task", "POST /v1/credentials", "POST /v1/events", "POST /v1/exposures")
_ASKED = ("grant", "narrow", "idempotency_key")
_EXPOSED = ("value", "fingerprint", "where")


class TaskSession(Protocol):
    """The part of `broker.client.Session` that is offered inside."""

    def credentials(
        self, grant: str, narrow: Mapping[str, object] | None = None, idempotency_key: str | None = None
    ) -> Credential | Waiting: ...

    def task(self) -> dict[str, object]: ...

    def report(self, records: Sequence[Mapping[str, object]]) -> int: ...

    def expose(self, where: str, value: Secret | None = None, sha256: str | None = None) -> dict[str, object]: ...


class TaskSocket:
    """Serves one session on a Unix socket at `path` (mode 0600) until `close`.

    `admits` is asked with the peer's process number, as this process sees it, before a byte is read.
    """

    def __init__(self, path: str, session: TaskSession, admits: Callable[[int], bool]) -> None:
        self._session = session
        self._admits = admits
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._refusals = threading.BoundedSemaphore(MAX_REFUSALS)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            self._listener.bind(path)
        finally:
            os.umask(before)
        self._listener.listen(MAX_CONNECTIONS)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more requests."""
        with contextlib.suppress(OSError):  # wakes the thread that waits in accept
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(SECONDS)
        self._listener.close()

    def _answer(self, method: str, path: str, body: bytes) -> Answer:
        return answer(self._session, method, path, body)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if not self._slots.acquire(blocking=False):
                self._refuse(connection)
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _refuse(self, connection: socket.socket) -> None:
        if not self._refusals.acquire(blocking=False):
            connection.close()
            return

        def refuse() -> None:
            try:
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(STRANGER_SECONDS)
                    _converse(connection, _TOO_MANY, STRANGER_SECONDS)
            finally:
                self._refusals.release()

        threading.Thread(target=refuse, daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, contextlib.suppress(OSError):
                if self._admits(process_of(connection)):
                    _converse(connection, self._answer, SECONDS)
                else:
                    _converse(connection, _STRANGER, STRANGER_SECONDS)
        finally:
            self._slots.release()


def process_of(connection: socket.socket) -> int:
    """The process number of whoever connected, across namespaces."""
    return peer(connection)[0]


def answer(session: TaskSession, method: str, path: str, body: bytes) -> Answer:
    """Status and JSON document for one request. Never raises for what a caller or the broker does."""
    try:
        if (method, path) == ("GET", "/v1/task"):
            return 200, session.task()
        if (method, path) == ("POST", "/v1/credentials"):
            return _credentials(session, _fields(body, _ASKED, 'send {"grant": "NAME"}'))
        if (method, path) == ("POST", "/v1/events"):
            return _report(session, _fields(body, ("records",), 'send {"records": [...]}'))
        if (method, path) == ("POST", "/v1/exposures"):
            return _expose(session, _fields(body, _EXPOSED, 'send {"fingerprint": "SHA-256 in hex", "where": "..."}'))
        raise NotFound("the task socket has no such call", f"there are: {', '.join(CALLS)}")
    except BrokerError as error:
        return problem(error)


def problem(error: BrokerError) -> Answer:
    """The RFC 9457 document of an expected failure."""
    document = {"title": error.title, "status": error.status, "detail": error.message, "fix": error.fix}
    return error.status, {"type": "about:blank", **document, "rule": error.rule}


def _credentials(session: TaskSession, fields: dict[str, object]) -> Answer:
    grant, narrow, key = fields.get("grant"), fields.get("narrow"), fields.get("idempotency_key")
    if not isinstance(grant, str) or not grant:
        raise BadRequest("'grant' must be the name of a grant", 'send {"grant": "NAME"}')
    if narrow is not None and not isinstance(narrow, dict):
        raise BadRequest("'narrow' must be an object", "leave it out to ask for the whole grant")
    if key is not None and not (isinstance(key, str) and 0 < len(key) <= 200):
        raise BadRequest(
            "'idempotency_key' must be a string of at most 200 characters", "leave it out to have one made"
        )
    issued = session.credentials(grant, narrow, key)
    if isinstance(issued, Waiting):
        waiting = {"approval_id": issued.approval_id, "url": issued.url, "idempotency_key": issued.idempotency_key}
        return 202, {"grant": grant, **waiting}
    if issued.delivery != "socket":  # the broker refuses before; this is for one that does not
        raise Refused("this credential does not enter the sandbox", "it is put into requests outside", rule="delivery")
    secrets = {name: value.reveal() for name, value in issued.fields.items()}
    return 201, {"grant": grant, "lease_id": issued.lease_id, "expires_at": issued.expires_at, "credential": secrets}


def _report(session: TaskSession, fields: dict[str, object]) -> Answer:
    records = fields.get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records) or not records:
        raise BadRequest("'records' must be a list of objects", "send records of the guard's journal as they are")
    return 201, {"recorded": session.report(records)}


def _expose(session: TaskSession, fields: dict[str, object]) -> Answer:
    value, fingerprint, where = (fields.get(name) for name in _EXPOSED)
    if not isinstance(where, str) or not where:
        raise BadRequest("'where' must say where it was seen", "send for example 'stdout of make'")
    if isinstance(value, str) == isinstance(fingerprint, str):
        raise BadRequest("either 'value' or 'fingerprint' must be a string", "a fingerprint is the value's SHA-256")
    if isinstance(value, str):
        return 200, session.expose(where, value=Secret(value))
    return 200, session.expose(where, sha256=str(fingerprint))


def _fields(body: bytes, known: Sequence[str], fix: str) -> dict[str, object]:
    try:
        fields = rawjson.loads(body)
    except rawjson.JsonError:
        raise BadRequest("the body is not JSON", fix) from None
    if not isinstance(fields, dict):
        raise BadRequest("the body must be a JSON object", fix)
    unknown = sorted(set(fields) - set(known))
    if unknown:
        raise BadRequest(f"unknown field '{unknown[0][:40]}'", f"known: {', '.join(known)}")
    return fields


def _always(refusal: BrokerError) -> Callable[[str, str, bytes], Answer]:
    return lambda *_: problem(refusal)


_TOO_MANY = _always(TooMany("too many connections at once", "try again"))
_STRANGER = _always(Unauthenticated("the task socket is for the processes of its sandbox", "use it inside"))


def _converse(connection: socket.socket, reply_to: Callable[[str, str, bytes], Answer], seconds: float) -> None:
    parser = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
    try:
        method, path, body = _receive(connection, parser, time.monotonic() + seconds)
    except TimeoutError:
        return
    except (h11.RemoteProtocolError, BadRequest) as error:
        refusal = error if isinstance(error, BadRequest) else BadRequest("the request is not HTTP/1.1 or too long")
        reply = problem(refusal)
    else:
        reply = reply_to(method, path, body)
    connection.settimeout(SECONDS)
    if parser.our_state in (h11.IDLE, h11.SEND_RESPONSE):
        _send(connection, parser, *reply)


def _receive(connection: socket.socket, parser: h11.Connection, ends_at: float) -> tuple[str, str, bytes]:
    """Method, path and body. Raises TimeoutError at `ends_at`, and for a peer that goes away."""
    request: h11.Request | None = None
    body = bytearray()
    while True:
        event = parser.next_event()
        if event is h11.NEED_DATA:
            if parser.they_are_waiting_for_100_continue:
                connection.sendall(parser.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            connection.settimeout(max(ends_at - time.monotonic(), 0.001))
            parser.receive_data(connection.recv(65536))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                raise BadRequest(f"the body is longer than {MAX_BODY} bytes", "ask for one grant at a time")
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return request.method.decode("ascii"), request.target.decode("ascii", "replace"), bytes(body)
        else:
            raise TimeoutError


def _send(connection: socket.socket, parser: h11.Connection, status: int, document: dict[str, object]) -> None:
    content = rawjson.dumps(document).encode()
    kind = b"application/json" if status < 400 else b"application/problem+json"
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    response = h11.Response(status_code=status, headers=[*headers, (b"connection", b"close")])
    for event in (response, h11.Data(data=content), h11.EndOfMessage()):
        connection.sendall(parser.send(event) or b"")
