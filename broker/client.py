"""The broker's client: for launchers and people (`BrokerClient`), and for the supervisor of one task (`Session`).

Answers are values, refusals are the exceptions of `broker/errors.py`. Secrets come as `Secret` and are in no message.
"""

from __future__ import annotations

import dataclasses
import re
import ssl
import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from joserfc.jwk import ECKey

from broker.authenticate.login import Login
from broker.errors import BadRequest, TooMany, Unreachable
from broker.receipt import Receipt
from broker.receipt_answer import receipt
from broker.wire import VERSIONS, Prover, Wire, integer, text, texts
from secretguard.secret import Secret

Json = dict[str, object]

REVOKE_SECONDS = 60.0
"""Least time for calls that take credentials back: the broker asks every source and checks that it is done."""

COMPILE_SECONDS = 60.0
"""Least time for a proposed policy, which the broker compiles."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")  # RFC 6750, 2.1


@dataclasses.dataclass(frozen=True, slots=True)
class StartedTask:
    """A task that waits for its supervisor. `bootstrap` works once and soon; `expires_at` is Unix seconds (the
    task's deadline); `grants` are the names that may be asked for."""

    task_id: str
    bootstrap: Secret
    expires_at: int
    grants: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Credential:
    """One issued credential: its fields as secrets (`token`; `username`, `password`, ...), and its lease. One with the
    `delivery` `inject` must go no further than this process and the requests that it is put into."""

    grant: str
    lease_id: str
    expires_at: int
    fields: Mapping[str, Secret]
    delivery: str = "socket"


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """A person must decide first. Ask again with the same `idempotency_key` once they have."""

    approval_id: str
    url: str
    idempotency_key: str


class BrokerClient:
    """Calls one broker. Safe to share between threads.

    `endpoint` is `unix:/path/launch.sock` (who is calling is then the process's user) or `https://host:port` (`http:`
    for loopback alone). `identity_token` is an OIDC token, sent as a bearer token; `tls` a context of your own for
    https (`broker/client_tls.py`). `timeout` is the longest that one call takes, in seconds, retries included; calls
    that revoke have REVOKE_SECONDS at least. Every method raises BrokerError: Unreachable when there was no answer,
    else the class of the broker's own refusal.
    """

    def __init__(
        self,
        endpoint: str,
        identity_token: Secret | None = None,
        timeout: float = 10.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if identity_token and not _TOKEN.fullmatch(identity_token.reveal()):
            raise BadRequest("the identity token is not a token", "it has letters, digits and -._~+/= alone")
        self._wire = Wire(endpoint, timeout, tls)
        self._identity = identity_token

    def __enter__(self) -> BrokerClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; running calls fail."""
        self._wire.close()

    def start_task(
        self,
        policy: str,
        purpose: str,
        narrow: Mapping[str, object] | None = None,
        *,
        repository: str = "",
        branch: str = "",
    ) -> StartedTask:
        """Create a task under the written policy of that name. `narrow` can only take away; `repository` and `branch`
        are where you say that it works."""
        body = {"policy": policy, "purpose": purpose, **_place(repository, branch), **_narrow(narrow)}
        return _started(self._post("/v1/tasks", body, repeat=False))

    def start_child(self, task_id: str, purpose: str, narrow: Mapping[str, object] | None = None) -> StartedTask:
        """Create a sub-task of one of your tasks: no wider, no longer, and over when that one is."""
        body = {"purpose": purpose, **_narrow(narrow)}
        return _started(self._post(f"{_task(task_id)}/children", body, repeat=False))

    def activate(self, task_id: str, bootstrap: Secret, heartbeat: int = 0) -> Session:
        """Bind the task to a key made here, which never leaves this process.

        The bootstrap is single use: anything but a first success means that someone else may hold it. With
        `heartbeat` (5 to 300 seconds) the broker ends the task when it hears nothing of the session for that long:
        call `Session.task` a good deal more often.
        """
        key = ECKey.generate_key("P-256")
        path = f"{_task(task_id)}/activate"
        silence = {"heartbeat": heartbeat} if heartbeat else {}
        body = {"bootstrap": bootstrap.reveal(), "jwk": key.as_dict(private=False), **silence}
        prove = Prover(key, self._wire, None)
        _, answer = self._wire.call("POST", path, body, prove=prove, repeat=True)
        return Session(self._wire, key, task_id, Secret(text(answer, "session")))

    def task(self, task_id: str) -> Json:
        """State of a task, its grants and leases."""
        return self._get(_task(task_id))

    def tasks(self) -> list[Json]:
        """The caller's tasks, newest first; all of them for an operator."""
        return _items(self._get("/v1/tasks").get("tasks"))

    def activity_link(self) -> tuple[Secret, int]:
        """For an operator: a link that opens the reviewer's pages once, and for how many seconds it works."""
        answer = self._post("/v1/activity/links", {}, repeat=False)
        return Secret(text(answer, "url")), integer(answer, "expires_in")

    def leases(self) -> list[Json]:
        """The leases of the caller's tasks, newest first; all of them for an operator."""
        return _items(self._get("/v1/leases").get("leases"))

    def end(self, task_id: str) -> Receipt:
        """End a task and take everything back. Safe to repeat."""
        return receipt(self._post(f"{_task(task_id)}/end", {}, repeat=True, at_least=REVOKE_SECONDS))

    def kill(self, task_id: str, reason: str) -> Receipt:
        """As `end`, recorded as a kill."""
        return receipt(self._post(f"{_task(task_id)}/kill", {"reason": reason}, repeat=True, at_least=REVOKE_SECONDS))

    def explain(
        self,
        policy: str,
        grant: str | None = None,
        narrow: Mapping[str, object] | None = None,
        *,
        repository: str = "",
        branch: str = "",
    ) -> Json:
        """The decision that would be made, with nothing issued (`broker/explain.py` says what is in it)."""
        asked = {"policy": policy, **({"grant": grant} if grant else {}), **_narrow(narrow)}
        asked |= _place(repository, branch)
        return self._post("/v1/explain", asked, repeat=True)

    def approvals(self) -> list[Json]:
        """What waits for a person and may be seen by this caller."""
        return _items(self._get("/v1/approvals").get("approvals"))

    def decide(self, approval_id: str, decision: str, reason: str) -> Json:
        """Decide one approval: `decision` is `approve` or `deny`. Not repeated: a decision is made once."""
        path = f"/v1/approvals/{quote(approval_id, safe='')}/decide"
        return self._post(path, {"decision": decision, "reason": reason}, repeat=False)

    def propose_policy(self, files: Mapping[str, str], reason: str) -> Json:
        """Propose a whole policy (file name → text) in place of the one in force. Safe to repeat."""
        return self._propose({"files": dict(files), "reason": reason})

    def propose_policy_again(self, digest: str, reason: str) -> Json:
        """Propose a policy that the broker has by its digest: the way back. Safe to repeat."""
        return self._propose({"digest": digest, "reason": reason})

    def decide_policy(self, proposal_id: str, word: str, reason: str) -> Json:
        """An owner's `approve` or `deny` of one proposal. Safe to repeat."""
        return self._post(f"/v1/policies/{quote(proposal_id, safe='')}/{word}", {"reason": reason}, repeat=True)

    def policies(self) -> Json:
        """The policy in force, its owners, and the proposals that wait."""
        return self._get("/v1/policies")

    def policy(self, proposal_id: str) -> Json:
        """One proposal: what changes, and who has said what."""
        return self._get(f"/v1/policies/{quote(proposal_id, safe='')}")

    def policy_files(self, digest: str) -> Json:
        """The files of a policy that the broker has."""
        return self._get(f"/v1/policies/sets/{quote(digest, safe='')}")

    def policy_history(self) -> list[Json]:
        """Every policy that came into force, the newest first."""
        return _items(self._get("/v1/policies/history").get("history"))

    def revoke(self, lease_id: str) -> Receipt:
        """Take one lease back. Safe to repeat."""
        return receipt(
            self._post(f"/v1/leases/{quote(lease_id, safe='')}/revoke", {}, repeat=True, at_least=REVOKE_SECONDS)
        )

    def expose(self, where: str, value: Secret | None = None, sha256: str | None = None) -> Json:
        """Report a credential that was seen where it must not be, by its value or its SHA-256 (hex). Safe to repeat."""
        return self._post("/v1/exposures", _exposure(where, value, sha256), repeat=True, at_least=REVOKE_SECONDS)

    def used(self, task_id: str) -> Json:
        """What a task was granted and what it used of it."""
        return self._get(f"{_task(task_id)}/used")

    def usage(self, policy: str, seconds: int) -> Json:
        """The same for all tasks of a policy that began in the last `seconds`; for operators."""
        return self._get(f"/v1/usage/{quote(policy, safe='')}?seconds={seconds}")

    def narrower(self, policy: str, seconds: int) -> Json:
        """A narrower text for that policy's file, which admits what those tasks used; for operators."""
        return self._get(f"/v1/usage/{quote(policy, safe='')}/narrower?seconds={seconds}")

    def kill_scope(self, scope: str, reason: str = "kill switch") -> Json:
        """Kill every task of `task:ID`, `policy:NAME`, `launcher:ID`, `tenant:NAME` or `all`. Safe to repeat."""
        return self._post("/v1/kill", {"scope": scope, "reason": reason}, repeat=True, at_least=REVOKE_SECONDS)

    def send_head(self, source: str, journal: str, seq: int, hash: str) -> bool:  # noqa: A002
        """Say how far the caller's journal `source` has come (`broker/journal_heads.py`); True when that was news.

        Safe to repeat. Raises Conflict where it contradicts what was sent before.
        """
        body: Json = {"source": source, "journal": journal, "seq": seq, "hash": hash}
        return self._post("/v1/log/heads", body, repeat=True).get("new") is True

    def heads(self) -> list[Json]:
        """The last head of each journal, the longest silent first; for operators."""
        return _items(self._get("/v1/log/heads").get("heads"))

    def logins(self) -> list[Login]:
        """Where people can log in, by the broker's word. Asked without a token."""
        found = []
        for item in _items(self._wire.call("GET", "/v1/login", None, repeat=True)[1].get("logins")):
            issuer, client_id, token = (text(item, name) for name in ("issuer", "client_id", "token"))
            found.append(Login(issuer, client_id, texts(item, "scopes"), token, text(item, "resource")))
        return found

    def whoami(self) -> Json:
        """Who the caller is to the broker, and the roles that follow."""
        return self._get("/v1/whoami")

    def _propose(self, body: Json) -> Json:
        return self._post("/v1/policies", body, repeat=True, at_least=COMPILE_SECONDS)

    def _get(self, path: str) -> Json:
        return self._wire.call("GET", path, None, bearer=self._identity, repeat=True)[1]

    def _post(self, path: str, body: Json, *, repeat: bool, at_least: float = 0) -> Json:
        return self._wire.call("POST", path, body, bearer=self._identity, repeat=repeat, at_least=at_least)[1]


class Session:
    """One task's session. Holds the key and the session token; both stay in this process. Safe to share."""

    def __init__(self, wire: Wire, key: ECKey, task_id: str, token: Secret) -> None:
        self.task_id = task_id
        self._wire = wire
        self._prove = Prover(key, wire, token)
        self._full: TooMany | None = None

    def credentials(
        self,
        grant: str,
        narrow: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
        delivery: str = "socket",
    ) -> Credential | Waiting:
        """Ask for one grant. With the same `idempotency_key` the broker issues at most once however often it is asked
        (a fresh key is made where none is given, so that a lost answer can be asked for again).

        `delivery="inject"` promises that it stays with this process; grants that are for injection alone are refused
        without it."""
        key = idempotency_key or uuid.uuid4().hex
        injected = {"delivery": delivery} if delivery != "socket" else {}
        body = {"grant": grant, "idempotency_key": key, **injected, **_narrow(narrow)}
        status, answer = self._call("POST", "/credentials", body)
        if status == 202:
            return Waiting(text(answer, "approval_id"), text(answer, "url"), key)
        fields = answer.get("credential")
        if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
            raise Unreachable("the broker's answer holds no credential", VERSIONS)
        secrets = {name: Secret(value) for name, value in fields.items()}
        went = str(answer.get("delivery", "socket"))
        return Credential(grant, text(answer, "lease_id"), integer(answer, "expires_at"), secrets, went)

    def child(self, purpose: str, narrow: Mapping[str, object] | None = None) -> StartedTask:
        """Create a sub-task for a sub-agent: no wider than this task, no longer, and over when this one is. Activate
        it where the sub-agent's supervisor is (`BrokerClient.activate`); its session knows its own task alone."""
        return _started(self._call("POST", "/children", {"purpose": purpose, **_narrow(narrow)}, repeat=False)[1])

    def task(self) -> Json:
        """State of this task."""
        return self._call("GET", "", None)[1]

    def event(self, event: str, fields: Mapping[str, str | int | bool]) -> None:
        """Have the broker record something that happens at the sandbox (`sandbox:` events of the vocabulary).

        Repeated where the answer was lost: a fact written down twice does less harm than one that is missing.
        """
        self._call("POST", "/events", {"event": event, "fields": dict(fields)})

    def report(self, records: Sequence[Mapping[str, object]]) -> int:
        """Hand over records that a guard made inside the sandbox, at most 20; how many were recorded.

        Raises TooMany when the task has reported all that is kept of one; the broker is then not asked again.
        """
        if self._full:
            raise self._full
        try:
            answer = self._call("POST", "/events/inside", {"records": [dict(one) for one in records]})[1]
        except TooMany as full:
            self._full = full
            raise
        return integer(answer, "recorded")

    def expose(self, where: str, value: Secret | None = None, sha256: str | None = None) -> Json:
        """As `BrokerClient.expose`, for credentials of this task alone."""
        return self._call("POST", "/exposures", _exposure(where, value, sha256), at_least=REVOKE_SECONDS)[1]

    def end(self) -> Receipt:
        """End this task and take everything back. Safe to repeat."""
        return receipt(self._call("POST", "/end", {}, at_least=REVOKE_SECONDS)[1])

    def _call(
        self, method: str, path: str, body: Json | None, *, at_least: float = 0, repeat: bool = True
    ) -> tuple[int, Json]:
        full = _task(self.task_id) + path
        return self._wire.call(method, full, body, prove=self._prove, repeat=repeat, at_least=at_least)


def _started(answer: Json) -> StartedTask:
    bootstrap = Secret(text(answer, "bootstrap"))
    return StartedTask(text(answer, "task_id"), bootstrap, integer(answer, "expires_at"), texts(answer, "grants"))


def _place(repository: str, branch: str) -> Json:
    return {name: value for name, value in (("repository", repository), ("branch", branch)) if value}


def _exposure(where: str, value: Secret | None, sha256: str | None) -> Json:
    return {
        "where": where,
        **({"value": value.reveal()} if value else {}),
        **({"fingerprint": sha256} if sha256 else {}),
    }


def _items(found: object) -> list[Json]:
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _narrow(narrow: Mapping[str, object] | None) -> Json:
    return {"narrow": dict(narrow)} if narrow else {}


def _task(task_id: str) -> str:
    return f"/v1/tasks/{quote(task_id, safe='')}"
