"""Task policies: what one kind of task may do, one TOML file each under `tasks/` of the policy directory.

A sandbox names a task and a grant, never a right; the rights are here. The JSON Schema of a file is
`broker/schema/task_policy.schema.json`, written from the models below and held to them by a test.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from broker import inheritance
from broker.grant import Grant
from broker.tenant import with_tenant
from broker.toml_file import Location, StrictModel, checked, content, place, table
from secretguard.errors import ConfigError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
Name = Annotated[str, Field(pattern=rf"^{_NAME.pattern}$")]
Seconds = Annotated[int, Field(ge=1, le=7 * 86400)]
ScopeValue = Annotated[str, Field(max_length=1024, pattern=r"^[A-Za-z0-9_.:/@,*=+-]+( [A-Za-z0-9_.:/@,*=+-]+)*$")]
_SUBJECT = r"jwt:(\*|[^\s*]{1,512}|[^\s*]{1,300}:[^\s]{1,256})"
_WORKLOAD = r"spiffe:[a-z0-9._-]{1,255}/[A-Za-z0-9._/*-]{1,512}"
Party = Annotated[str, Field(pattern=rf"^(unix:(\*|[0-9]{{1,10}})|{_SUBJECT}|{_WORKLOAD})$")]

TenantName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,15}$")]
Place = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:/*@+-]{1,256}$")]
MAX_PLACES = 100
REQUIRED = ("environment", "deadline", "launchers", "grants")
"""What a task policy that extends none must say."""


def _inheriting(schema: dict[str, Any]) -> None:
    """A grant may leave out what it inherits; `_whole_or_extending` asks for the rest."""
    del schema["required"]


class GrantFile(StrictModel):
    """One `[grants.NAME]` table; see `broker/grant.py` for what each field means."""

    model_config = ConfigDict(json_schema_extra=_inheriting)

    source: Name
    scope: dict[Name, ScopeValue] = Field(default_factory=dict)
    ttl: Seconds
    data: Literal["public", "internal", "secret", "customer"] = "internal"
    uses: int = Field(default=0, ge=0, le=1_000_000)
    max_leases: int = Field(default=1, ge=1, le=1000)
    max_issues: int = Field(default=20, ge=1, le=100_000)
    rate: int = Field(default=0, ge=0, le=10_000)
    approvals: int = Field(default=0, ge=0, le=2)
    delivery: Literal["socket", "inject"] = "socket"
    description: str = Field(default="", max_length=500)
    reissue_on_exposure: bool = False


def _whole_or_extending(schema: dict[str, Any]) -> None:
    """The published schema of a file that extends another one asks for its name alone."""
    schema["required"] = ["name"]
    grant = {"properties": {"grants": {"additionalProperties": {"required": ["source", "ttl"]}}}}
    schema["if"] = {"not": {"required": ["extends"]}}
    schema["then"] = {"required": list(REQUIRED), **grant}


class TaskPolicyFile(StrictModel):
    """One task policy file. `launchers` and `approvers` are patterns: `unix:UID`, `unix:*`, `jwt:ISSUER:SUBJECT`,
    `jwt:ISSUER:group:NAME`, `spiffe:DOMAIN/PATH`, and for approvers `jwt:*`; in a subject or path `*` stands for a part
    of one segment and `**` for any text (`broker/authenticate/pattern.py`). An approver is never the launcher or who
    the task runs for. `repositories` and `branches` are patterns of where a task may work (`broker/workplace.py`), none
    means anywhere. `max_children` is how many sub-tasks a task may have in all. `extends` names the task policy that
    this one narrows (`broker/inheritance.py`). `tenant` is whose sources the grants are of (`broker/tenant.py`).
    """

    model_config = ConfigDict(json_schema_extra=_whole_or_extending)

    name: Name
    extends: Name | None = None
    tenant: TenantName | None = None
    description: str = Field(default="", max_length=500)
    environment: Literal["sandbox", "development", "staging", "production"]
    deadline: Seconds
    launchers: list[Party] = Field(min_length=1)
    approvers: list[Party] = Field(default_factory=lambda: ["jwt:*"])
    repositories: list[Place] = Field(default_factory=list, max_length=MAX_PLACES)
    branches: list[Place] = Field(default_factory=list, max_length=MAX_PLACES)
    accept_stated: bool = False
    max_children: int = Field(default=20, ge=0, le=1000)
    grants: dict[Name, GrantFile] = Field(min_length=1, max_length=100)


@dataclasses.dataclass(frozen=True, slots=True)
class TaskPolicy:
    """One task policy in force. `deadline` is the longest life of a task in seconds; `digest` is SHA-256 (hex) of the
    file's bytes, and of the digest of what it extends, and goes into every record of a task. `text` is the file's."""

    name: str
    environment: str
    deadline: int
    launchers: tuple[str, ...]
    grants: tuple[Grant, ...]
    digest: str
    approvers: tuple[str, ...] = ("jwt:*",)
    description: str = ""
    repositories: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    accept_stated: bool = False
    max_children: int = 20
    tenant: str = ""
    text: str = dataclasses.field(default="", compare=False, repr=False)

    def grant(self, name: str) -> Grant | None:
        return next((grant for grant in self.grants if grant.name == name), None)

    def place(self, *location: int | str) -> str:
        """`tasks/NAME.toml:LINE: FIELD`, how a message about one of its fields begins."""
        return place(f"tasks/{self.name}.toml", self.text, location)


@dataclasses.dataclass(frozen=True, slots=True)
class _File:
    """One file, whole by what it extends: its `data` before and its `value` after the defaults."""

    path: Path
    text: str
    data: dict[str, Any]
    value: TaskPolicyFile
    digest: str

    def fault(self, location: Location, message: str, fix: str = "") -> ConfigError:
        return ConfigError(f"{place(str(self.path), self.text, location)}: {message}", fix)


def load(directory: str) -> dict[str, TaskPolicy]:
    """All task policies of `directory`/tasks, by name. Raises ConfigError naming file and line."""
    folder = Path(directory) / "tasks"
    paths = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    known: dict[str, _File] = {}
    return {policy.name: policy for policy in (_policy(_read(path, known, ())) for path in paths)}


def load_file(path: Path) -> TaskPolicy:
    """One task policy, and what it extends from beside it. Raises ConfigError."""
    return _policy(_read(path, {}, ()))


def _read(path: Path, known: dict[str, _File], above: tuple[str, ...]) -> _File:
    """The file and all that it extends; `above` are the names that lead here. Raises ConfigError."""
    if path.stem in known:
        return known[path.stem]
    raw = content(path)
    text, data = table(str(path), raw)
    digest = hashlib.sha256(raw)
    parent = _extended(path, text, data, known, (*above, path.stem))
    if parent:
        data = inheritance.merged(data, parent.data)
        digest.update(f"\0{parent.digest}".encode())
    file = _File(path, text, data, checked(str(path), text, data, TaskPolicyFile), digest.hexdigest())
    _require_sound(file)
    wider = inheritance.wider(file.value.model_dump(), parent.value.model_dump()) if parent else None
    if parent and wider:
        fix = "a task policy that extends another one can only narrow it"
        raise file.fault(wider[0], f"wider than {parent.value.name}, which has {wider[1]}", fix)
    known[path.stem] = file
    return file


def _extended(
    path: Path, text: str, data: dict[str, Any], known: dict[str, _File], names: tuple[str, ...]
) -> _File | None:
    """What the file extends, if it does. Raises ConfigError for a circle, a chain that is too long, a name of none."""
    name = data.get("extends")
    if not isinstance(name, str) or not _NAME.fullmatch(name):  # what is no name is refused with the other fields
        return None
    where = place(str(path), text, ("extends",))
    if name in names:
        raise ConfigError(f"{where}: a circle: {' → '.join((*names, name))}", "let one of them extend nothing")
    if len(names) > inheritance.MAX_DEPTH:
        raise ConfigError(f"{where}: more than {inheritance.MAX_DEPTH} task policies, one above the other")
    beside = path.with_name(f"{name}.toml")
    if not beside.is_file():
        raise ConfigError(f"{where}: there is no task policy {name}", f"write {beside.name}, or extend another one")
    return _read(beside, known, names)


def _require_sound(file: _File) -> None:
    value = file.value
    if value.name != file.path.stem:
        raise file.fault(("name",), f"is {value.name!r}, the file is {file.path.name}", "give both the same name")
    for name, grant in value.grants.items():
        if grant.ttl > value.deadline:
            raise file.fault(("grants", name, "ttl"), "longer than the task's deadline")


def _policy(file: _File) -> TaskPolicy:
    value = file.value
    tenant = value.tenant or ""
    grants = tuple(
        Grant(name=name, **{**grant.model_dump(), "source": with_tenant(grant.source, tenant)})
        for name, grant in sorted(value.grants.items())
    )
    return TaskPolicy(
        name=value.name,
        environment=value.environment,
        deadline=value.deadline,
        launchers=tuple(value.launchers),
        grants=grants,
        digest=file.digest,
        approvers=tuple(value.approvers),
        description=value.description,
        repositories=tuple(value.repositories),
        branches=tuple(value.branches),
        accept_stated=value.accept_stated,
        max_children=value.max_children,
        tenant=tenant,
        text=file.text,
    )
