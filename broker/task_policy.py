"""Task policies: what one kind of task may do, one TOML file each under `tasks/` of the policy directory.

A sandbox names a task and a grant, never a right; the rights are here. The JSON Schema of a file is
`broker/schema/task_policy.schema.json`, written from the models below and held to them by a test.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from broker.grant import Grant
from broker.toml_file import StrictModel, read
from secretguard.errors import ConfigError

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Seconds = Annotated[int, Field(ge=1, le=7 * 86400)]
ScopeValue = Annotated[str, Field(max_length=1024, pattern=r"^[A-Za-z0-9_.:/@,*=+-]+( [A-Za-z0-9_.:/@,*=+-]+)*$")]
_SUBJECT = r"jwt:(\*|[^\s*]{1,512}|[^\s*]{1,300}:[^\s]{1,256})"
_WORKLOAD = r"spiffe:[a-z0-9._-]{1,255}/[A-Za-z0-9._/*-]{1,512}"
Party = Annotated[str, Field(pattern=rf"^(unix:(\*|[0-9]{{1,10}})|{_SUBJECT}|{_WORKLOAD})$")]


class GrantFile(StrictModel):
    """One `[grants.NAME]` table; see `broker/grant.py` for what each field means."""

    source: Name
    scope: dict[Name, ScopeValue] = Field(default_factory=dict)
    ttl: Seconds
    data: Literal["public", "internal", "secret", "customer"] = "internal"
    uses: int = Field(default=0, ge=0, le=1_000_000)
    max_leases: int = Field(default=1, ge=1, le=1000)
    max_issues: int = Field(default=20, ge=1, le=100_000)
    approvals: int = Field(default=0, ge=0, le=2)
    delivery: Literal["socket", "inject"] = "socket"
    description: str = Field(default="", max_length=500)
    reissue_on_exposure: bool = False


class TaskPolicyFile(StrictModel):
    """One task policy file. `launchers` and `approvers` are patterns: `unix:UID`, `unix:*`, `jwt:ISSUER:SUBJECT`,
    `jwt:ISSUER:group:NAME`, `spiffe:DOMAIN/PATH`, and for approvers `jwt:*`; in a subject or path `*` stands for a part
    of one segment and `**` for any text (`broker/authenticate/pattern.py`). An approver is never the launcher or who
    the task runs for.
    """

    name: Name
    description: str = Field(default="", max_length=500)
    environment: Literal["sandbox", "development", "staging", "production"]
    deadline: Seconds
    launchers: list[Party] = Field(min_length=1)
    approvers: list[Party] = Field(default_factory=lambda: ["jwt:*"])
    grants: dict[Name, GrantFile] = Field(min_length=1, max_length=100)


@dataclasses.dataclass(frozen=True, slots=True)
class TaskPolicy:
    """One task policy in force. `deadline` is the longest life of a task in seconds; `digest` is SHA-256 (hex) of the
    file's bytes and goes into every record of a task."""

    name: str
    environment: str
    deadline: int
    launchers: tuple[str, ...]
    grants: tuple[Grant, ...]
    digest: str
    approvers: tuple[str, ...] = ("jwt:*",)
    description: str = ""

    def grant(self, name: str) -> Grant | None:
        return next((grant for grant in self.grants if grant.name == name), None)


def load(directory: str) -> dict[str, TaskPolicy]:
    """All task policies of `directory`/tasks, by name. Raises ConfigError naming file and line."""
    folder = Path(directory) / "tasks"
    paths = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    return {policy.name: policy for policy in map(load_file, paths)}


def load_file(path: Path) -> TaskPolicy:
    """One task policy. Raises ConfigError."""
    value, raw = read(path, TaskPolicyFile)
    if value.name != path.stem:
        raise ConfigError(f"{path}:1: name: is {value.name!r}, the file is {path.name}", "give both the same name")
    grants = tuple(Grant(name=name, **grant.model_dump()) for name, grant in sorted(value.grants.items()))
    for grant in grants:
        if grant.ttl > value.deadline:
            raise ConfigError(f"{path}:1: grants.{grant.name}.ttl: longer than the task's deadline")
    return TaskPolicy(
        name=value.name,
        environment=value.environment,
        deadline=value.deadline,
        launchers=tuple(value.launchers),
        grants=grants,
        digest=hashlib.sha256(raw).hexdigest(),
        approvers=tuple(value.approvers),
        description=value.description,
    )
