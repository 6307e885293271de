"""Ceilings: what a launcher gets at most, whatever task policy it starts. `ceilings.toml` of the policy directory.

Where there are ceilings, each launcher needs one: who has none starts nothing. Who has several has what all of them
allow. They are part of the policy like any other file: in its digest, proposed and agreed to like the rest.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from broker.authenticate.identity import Identity
from broker.errors import Refused
from broker.grant import Grant
from broker.narrow import least
from broker.task_policy import Name, Party, Seconds
from broker.toml_file import StrictModel, read
from secretguard.policy.request import DATA, ENVIRONMENTS

FILE = "ceilings.toml"


class CeilingFile(StrictModel):
    """One `[ceilings.NAME]` table. `launchers` are patterns as in a task policy; `environment` and `data` are the most
    sensitive ones; `ttl` is the longest life of a credential in seconds; `sources` are those that may be used, all
    where none is named; `max_tasks` is how many tasks of one launcher may live at once, sub-tasks not counted."""

    launchers: list[Party] = Field(min_length=1, max_length=100)
    environment: Literal["sandbox", "development", "staging", "production"]
    data: Literal["public", "internal", "secret", "customer"]
    ttl: Seconds | None = None
    sources: list[Name] | None = Field(default=None, min_length=1, max_length=100)
    max_tasks: int | None = Field(default=None, ge=1, le=100_000)


class CeilingsFile(StrictModel):
    """The file."""

    ceilings: dict[Name, CeilingFile] = Field(min_length=1, max_length=200)


@dataclasses.dataclass(frozen=True, slots=True)
class Ceiling:
    """What is allowed at most; `names` are the ceilings that it is made of. 0 is no cap, None any source."""

    launchers: tuple[str, ...] = ()
    environment: str = ENVIRONMENTS[-1]
    data: str = DATA[-1]
    ttl: int = 0
    sources: frozenset[str] | None = None
    max_tasks: int = 0
    names: tuple[str, ...] = ()

    def admits(self, environment: str) -> None:
        """Raises Refused for an environment above this ceiling."""
        if ENVIRONMENTS.index(environment) > ENVIRONMENTS.index(self.environment):
            fix = f"choose a task policy of {self.environment} at most, or ask an owner of the policy to raise it"
            raise self._refusal(f"allows {self.environment} at most, and this is {environment}", fix)

    def limited(self, grant: Grant) -> Grant:
        """The grant with no longer life than this ceiling allows. Raises Refused for data or a source above it."""
        if DATA.index(grant.data) > DATA.index(self.data):
            fix = "leave the grant out, or ask an owner of the policy"
            raise self._refusal(f"allows {self.data} data at most, and {grant.name} reaches {grant.data} data", fix)
        if self.sources is not None and grant.source not in self.sources:
            have = f"leave the grant out; sources are: {', '.join(sorted(self.sources))}"
            raise self._refusal(f"has no source {grant.source}, which {grant.name} needs", have)
        return dataclasses.replace(grant, ttl=min(grant.ttl, self.ttl)) if self.ttl else grant

    def _refusal(self, message: str, fix: str) -> Refused:
        return Refused(f"the launcher's ceiling ({', '.join(self.names)}) {message}", fix, rule="ceiling")


UNBOUNDED = Ceiling()


@dataclasses.dataclass(frozen=True, slots=True)
class Ceilings:
    """All ceilings by name; none at all bind nobody. `digest` is SHA-256 (hex) of the file, "" where there is none."""

    by_name: Mapping[str, Ceiling] = dataclasses.field(default_factory=dict)
    digest: str = ""

    def of(self, caller: Identity) -> Ceiling:
        """What this caller gets at most. Raises Refused where there are ceilings, but none for them."""
        mine = [name for name, one in self.by_name.items() if any(map(caller.matches, one.launchers))]
        return self._together(mine, caller.id)

    def again(self, names: Iterable[str], launcher: str) -> Ceiling:
        """The ceiling of a task that runs: those it was started under, as they are now, and any newer one that names
        its launcher, or all of that kind. Raises Refused where there are ceilings, but none of those."""
        said = {launcher, f"{launcher.partition(':')[0]}:*"}
        mine = [name for name, one in self.by_name.items() if name in set(names) or said & set(one.launchers)]
        return self._together(mine, launcher)

    def _together(self, names: list[str], launcher: str) -> Ceiling:
        if not self.by_name:
            return UNBOUNDED
        if not names:
            raise Refused(f"{launcher} has no ceiling", f"an owner of the policy adds it to {FILE}", rule="ceiling")
        found = [self.by_name[name] for name in names]
        named = [one.sources for one in found if one.sources is not None]
        return Ceiling(
            environment=min((one.environment for one in found), key=ENVIRONMENTS.index),
            data=min((one.data for one in found), key=DATA.index),
            ttl=least(*(one.ttl for one in found)),
            sources=frozenset.intersection(*named) if named else None,
            max_tasks=least(*(one.max_tasks for one in found)),
            names=tuple(sorted(names)),
        )


def load(directory: str) -> Ceilings:
    """The ceilings of a policy directory; none where it has no such file. Raises ConfigError (file and line)."""
    path = Path(directory) / FILE
    if not os.path.lexists(path):
        return Ceilings()
    value, raw = read(path, CeilingsFile)
    made = {name: _ceiling(name, one) for name, one in sorted(value.ceilings.items())}
    return Ceilings(made, hashlib.sha256(raw).hexdigest())


def _ceiling(name: str, one: CeilingFile) -> Ceiling:
    sources = None if one.sources is None else frozenset(one.sources)
    caps = {"ttl": one.ttl or 0, "max_tasks": one.max_tasks or 0}
    return Ceiling(tuple(one.launchers), one.environment, one.data, sources=sources, names=(name,), **caps)
