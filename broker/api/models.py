"""Bodies of requests and answers. Unknown fields are refused; no body field says who is asking."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

from broker.approve.tickets import Waiting
from broker.heartbeat import LEAST_SECONDS, MOST_SECONDS
from broker.narrow import Narrow, NarrowTask
from broker.receipt import Line, Receipt
from broker.reported import MAX_BATCH
from broker.toml_file import StrictModel

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
PlaceName = Annotated[str, Field(max_length=256, pattern=r"^[A-Za-z0-9_.:/@+-]*$")]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class StartTask(StrictModel):
    """`policy` names a written task policy; `purpose` is for people; `narrow` only takes away. `repository` and
    `branch` are where the launcher says that it works: recorded as stated, not believed where a policy asks for proof.
    """

    policy: Name
    purpose: str = Field(min_length=1, max_length=500)
    narrow: NarrowTask | None = None
    repository: PlaceName = ""
    branch: PlaceName = ""


class StartChild(StrictModel):
    """A sub-task: `purpose` is for people; `narrow` takes away from what the task above has."""

    purpose: str = Field(min_length=1, max_length=500)
    narrow: NarrowTask | None = None


class StartedTask(BaseModel):
    """`bootstrap` works once, until `bootstrap_expires_at`; `expires_at` is the task's deadline (Unix seconds)."""

    task_id: str
    bootstrap: str
    bootstrap_expires_at: int
    expires_at: int
    grants: list[str]


class Activate(StrictModel):
    """The one-time value and the public session key, whose possession the `DPoP` header proves. After `heartbeat`
    seconds without a call of the session the broker ends the task; 0: it does not."""

    bootstrap: str = Field(min_length=1, max_length=200)
    jwk: dict[str, str]
    heartbeat: Literal[0] | Annotated[int, Field(ge=LEAST_SECONDS, le=MOST_SECONDS)] = 0


class Session(BaseModel):
    """`session` goes into `Authorization: DPoP ...` of every later call, with a proof by the same key."""

    task_id: str
    session: str
    expires_at: int
    grants: list[str]


class AskCredential(StrictModel):
    """One grant; the same `idempotency_key` issues at most once however often it is asked. `delivery` says where it is
    to go: into the sandbox (`socket`), or no further than the supervisor (`inject`); some grants are for that alone."""

    grant: Name
    narrow: Narrow | None = None
    delivery: Literal["socket", "inject"] = "socket"
    idempotency_key: str = Field(min_length=8, max_length=128, pattern=r"^[A-Za-z0-9_.:-]+$")


class Credential(BaseModel):
    """The credential's fields, its lease, and when it dies (Unix seconds). `delivery` is what was asked for. `again`:
    the same request got it before."""

    grant: str
    lease_id: str
    expires_at: int
    credential: dict[str, str]
    delivery: str
    again: bool = False


class WaitingAnswer(BaseModel):
    """202: a person must decide; ask again with the same idempotency key once they have."""

    approval_id: str
    url: str
    approvals_needed: int
    expires_at: int


class Kill(StrictModel):
    """Why, for the record."""

    reason: Reason = "asked for"


class KillScope(StrictModel):
    """`lease:ID`, `task:ID`, `policy:NAME`, `launcher:ID`, `tenant:NAME` or `all`."""

    scope: str = Field(min_length=1, max_length=700)
    reason: Reason = "kill switch"


class Explain(StrictModel):
    """A task policy, and one of its grants or none; the rest as for starting a task."""

    policy: Name
    grant: Name | None = None
    narrow: NarrowTask | None = None
    repository: PlaceName = ""
    branch: PlaceName = ""


class Decide(StrictModel):
    """A person's word and their reason."""

    decision: Literal["approve", "deny"]
    reason: Reason


class OpenTicket(StrictModel):
    """A request from outside of a task, as text that a person can read; `policy_digest` is what demanded the approval.
    `approvals` is how many people must agree."""

    request: dict[Name, str] = Field(min_length=1, max_length=30)
    policy_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    rule: str = Field(min_length=1, max_length=64)
    approvals: int = Field(default=1, ge=1, le=2)


class ConsumeTicket(StrictModel):
    """The digest of the request that is about to be carried out, computed again by whoever carries it out."""

    request_digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class ReportEvent(StrictModel):
    """Something that happened at the sandbox, recorded before it takes effect. Only `sandbox:` events."""

    event: str = Field(pattern=r"^sandbox:[a-z]+:[a-z]+$", max_length=64)
    fields: dict[Name, str | int | bool] = Field(default_factory=dict, max_length=30)


class ReportRecords(StrictModel):
    """Records of a guard's journal inside the sandbox, oldest first; see `broker/reported.py`."""

    records: list[dict[str, JsonValue]] = Field(min_length=1, max_length=MAX_BATCH)


class JournalHead(StrictModel):
    """How far a journal of the caller's has come: its name, its first record's hash, its last one's number and hash."""

    source: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")
    journal: str = Field(pattern=r"^[0-9a-f]{64}$")
    seq: int = Field(ge=1, le=2**53)
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


class ReceiptLine(BaseModel):
    """See `broker/receipt.py`."""

    lease_id: str
    grant: str
    source: str
    revocation: str
    expires_at: int
    detail: str


class ReceiptAnswer(BaseModel):
    """See `broker/receipt.py`; `complete` is True when nothing is left alive."""

    task_id: str
    at: int
    complete: bool
    lines: list[ReceiptLine]


def receipt(value: Receipt) -> ReceiptAnswer:
    """A receipt as it is sent."""
    lines = [receipt_line(line) for line in value.lines]
    return ReceiptAnswer(task_id=value.task_id, at=value.at, complete=value.complete, lines=lines)


def receipt_line(line: Line) -> ReceiptLine:
    """One line as it is sent."""
    return ReceiptLine(
        lease_id=line.lease_id,
        grant=line.grant,
        source=line.source,
        revocation=line.revocation.value,
        expires_at=line.expires_at,
        detail=line.detail,
    )


def waiting(value: Waiting) -> WaitingAnswer:
    """An approval that waits, as it is sent."""
    return WaitingAnswer(
        approval_id=value.id,
        url=f"/v1/approvals/{value.id}",
        approvals_needed=value.needed,
        expires_at=value.expires_at,
    )
