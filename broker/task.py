"""A task: one run of an agent for one purpose. Frozen; the store holds its current state."""

from __future__ import annotations

import dataclasses
import enum
import json

from broker.grant import Grant
from broker.tenant import tenant_of


class TaskState(enum.StrEnum):
    """created → active → ended or killed. Only an active task gets credentials; the last two are final."""

    CREATED = "created"
    ACTIVE = "active"
    ENDED = "ended"
    KILLED = "killed"

    @property
    def over(self) -> bool:
        return self in (TaskState.ENDED, TaskState.KILLED)


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """One row of the task table. `launcher` is the stable id of who started it, `on_behalf_of` of whom it runs for;
    `grants` are already narrowed; times are Unix seconds; `thumbprint` is the session key's (RFC 7638) once active.
    `parent_task` is the task that a sub-task belongs to and `depth` how many are above it; `repository` and `branch`
    are where it works and `repository_known` how that is known (`broker/workplace.py`); `ceilings` names those of its
    launcher (`broker/ceiling.py`).
    `heartbeat` is how many seconds of silence end the task (0: none do), `heard_at` when it was last heard of.
    """

    id: str
    policy: str
    policy_digest: str
    environment: str
    launcher: str
    on_behalf_of: str
    purpose: str
    state: TaskState
    grants: tuple[Grant, ...]
    approvals: int
    created_at: int
    expires_at: int
    thumbprint: str = ""
    heartbeat: int = 0
    heard_at: int = 0
    parent_task: str = ""
    depth: int = 0
    repository: str = ""
    branch: str = ""
    repository_known: str = ""
    ceilings: tuple[str, ...] = ()

    def grant(self, name: str) -> Grant | None:
        return next((grant for grant in self.grants if grant.name == name), None)


def tenants_of(grants: tuple[Grant, ...]) -> frozenset[str]:
    """Whose sources these grants are of (`broker/tenant.py`); those of nobody in particular name none."""
    return frozenset(tenant_of(grant.source) for grant in grants) - {""}


def grants_to_json(grants: tuple[Grant, ...]) -> str:
    """The grants as the store keeps them."""
    return json.dumps([{**_fields(grant), "scope": dict(grant.scope)} for grant in grants], sort_keys=True)


def grants_from_json(text: str) -> tuple[Grant, ...]:
    """What `grants_to_json` wrote."""
    return tuple(Grant(**item) for item in json.loads(text))


def _fields(grant: Grant) -> dict[str, object]:
    return {field.name: getattr(grant, field.name) for field in dataclasses.fields(grant)}
