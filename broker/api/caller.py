"""Step 1: who is asking. From the transport or a signed token, never from a body or any other header."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator

import sqlalchemy as sa
from fastapi import Request

from broker import heartbeat
from broker.authenticate.bearer_jwt import BearerVerifier
from broker.authenticate.dpop import Proof, Verifier, same_key, token_digest
from broker.authenticate.identity import Identity
from broker.authenticate.mutual_tls import workload_of
from broker.authenticate.unix_peer import identity_of
from broker.errors import NotFound, RecordFailed, Refused, Unauthenticated
from broker.service import Broker
from broker.store.rows import find_task
from broker.task import Task
from secretguard.secret import Secret

Record = Callable[[sa.Connection], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Callers:
    """Identifies callers of one broker."""

    broker: Broker
    bearer: BearerVerifier
    proofs: Verifier

    def identity(self, request: Request) -> Identity:
        """A bearer token's subject, else the workload of a TLS connection, else the peer of the Unix socket. Raises
        Unauthenticated."""
        scheme, token = _authorization(request)
        if scheme == "bearer":
            return self.bearer.identify(token)
        if scheme:
            raise Unauthenticated("this call takes a bearer token or a Unix peer", "see docs/guide/login.md")
        workload = workload_of(request.scope)
        return workload.identity(self.broker.clock()) if workload else identity_of(request.scope)

    def session(self, request: Request, task_id: str) -> Task:
        """The task whose session token and proof came along; it must be the one in the path."""
        with self.broker.observer.step("authenticate"):
            return self._session(request, task_id)

    @contextlib.contextmanager
    def session_to_record(self, request: Request, task_id: str) -> Iterator[tuple[Task, Record]]:
        """As `session`, for a call whose own transaction can hold the use of the proof, which costs it no other one.

        The function writes it there, and raises Unauthenticated where the proof was used before. A use that was not
        written when the block ends is written then: nothing is answered without.
        """
        now, written = int(self.broker.clock()), False
        with self.broker.observer.step("authenticate"):
            task, proof = self._proved(request, task_id)
            if heartbeat.due(task, now):  # a sign of life must not be a repeated one
                self.proofs.use(proof)
                written = True
                heartbeat.beat(self.broker.database, task, now)

        def write(tx: sa.Connection) -> None:
            nonlocal written
            if not written:
                self.proofs.use(proof, tx)
                written = True

        try:
            yield task, write
        except Exception:
            self._written_at_last(proof, written)
            raise
        if not written:
            self.proofs.use(proof)

    def _written_at_last(self, proof: Proof, written: bool) -> None:
        """The use of a proof whose call failed, in a transaction that may not have come to its end. Raises
        Unauthenticated for one that is certainly another call's."""
        try:
            self.proofs.use(proof)
        except Unauthenticated:
            if not written:
                raise
        except RecordFailed:
            pass  # the store takes nothing, so nothing was done for this proof either

    def _session(self, request: Request, task_id: str) -> Task:
        task, proof = self._proved(request, task_id)
        self.proofs.use(proof)
        heartbeat.beat(self.broker.database, task, int(self.broker.clock()))
        return task

    def _proved(self, request: Request, task_id: str) -> tuple[Task, Proof]:
        scheme, token = _authorization(request)
        if scheme != "dpop":
            raise Unauthenticated("this call takes the task's session", "activate the task first", rule="session")
        task = self.broker.tasks.by_session(token_digest(token))
        if task is None:
            raise Unauthenticated("no such session, or another key's", "activate the task first", rule="session")
        proof = self._checked(request, token)
        if not same_key(proof, task.thumbprint):
            raise Unauthenticated("no such session, or another key's", "activate the task first", rule="session")
        if task.id != task_id:
            raise NotFound("no such task for this session", rule="unknown-task")
        return task, proof

    def proof(self, request: Request, token: Secret | None) -> Proof:
        """The verified proof of possession for this very request, used from now on. Raises Unauthenticated."""
        checked = self._checked(request, token)
        self.proofs.use(checked)
        return checked

    def _checked(self, request: Request, token: Secret | None) -> Proof:
        headers = request.headers.getlist("dpop")
        if len(headers) != 1:
            raise Unauthenticated("exactly one DPoP proof must come with this call", "see RFC 9449", rule="proof")
        path = request.scope.get("raw_path", b"").partition(b"?")[0].decode("ascii", "replace")
        return self.proofs.check(headers[0], request.method, path, token)

    def owner(self, request: Request, task_id: str, with_session: bool = True) -> tuple[Task, str]:
        """The task, for its session, its launcher or an operator, and the caller's name for the record.

        Raises NotFound for anybody else: whether a task exists is not their business.
        """
        if with_session and _authorization(request)[0] == "dpop":
            task = self.session(request, task_id)
            return task, f"session of {task.id}"
        caller = self.identity(request)
        with self.broker.database.read() as tx:
            task = find_task(tx, task_id)
        if caller.id != task.launcher and not self.is_operator(caller):
            raise NotFound(f"no task {task_id[:64]!r} of {caller.id}", rule="unknown-task")
        return task, caller.id

    def starter(self, request: Request, task_id: str) -> tuple[Task, str]:
        """The task, for whoever may have sub-tasks of it: its session, or its launcher. Raises NotFound for others."""
        task, who = self.owner(request, task_id)
        if who not in (f"session of {task.id}", task.launcher):
            raise NotFound(f"no task {task_id[:64]!r} of {who}", rule="unknown-task")
        return task, who

    def operator(self, request: Request) -> Identity:
        """An operator. Raises Refused for anybody else."""
        caller = self.identity(request)
        if not self.is_operator(caller):
            raise Refused(
                f"{caller.id} is not an operator", "see server.operators in the configuration", rule="operator"
            )
        return caller

    def is_operator(self, caller: Identity) -> bool:
        return any(caller.matches(pattern) for pattern in self.broker.operators)


def _authorization(request: Request) -> tuple[str, Secret]:
    """Scheme in lower case and token; both empty without the header. Raises Unauthenticated when there are two."""
    headers = request.headers.getlist("authorization")
    if not headers:
        return "", Secret("")
    scheme, _, token = headers[0].partition(" ")
    if len(headers) > 1 or not token or scheme.lower() not in ("bearer", "dpop"):
        raise Unauthenticated("the Authorization header is not of a known form", "send Bearer or DPoP")
    return scheme.lower(), Secret(token.strip())
