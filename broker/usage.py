"""What was granted and what was used of it, for one task or all tasks of a policy: read from the store, then counted.

A credential was used while it lived: what its holder did with it at Vault is in Vault's log alone (`broker vault
cross-check`). Where the record of an end is gone (retention), a lease counts as used to its last second: every number
here is what was used at most, so that whoever narrows by it takes nothing away that was needed.
"""

from __future__ import annotations

import bisect
import collections
import dataclasses
import json
import math
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from broker.grant import Grant
from broker.lease import LeaseState
from broker.store.database import Database
from broker.store.tables import events, leases, tasks
from broker.task import grants_from_json
from secretguard.audit.record import moment

MAX_TASKS, MAX_LEASES = 20_000, 200_000
"""What one report reads at most, newest tasks first; a longer one says that it is cut."""

MINUTE = 60
ENDS = ("broker:task:ended", "broker:task:killed")


@dataclasses.dataclass(frozen=True, slots=True)
class UsedLease:
    """One issued credential. Times are Unix seconds; it lived until `ended_at`, by its grant until `expires_at`."""

    grant: str
    created_at: int
    expires_at: int
    ended_at: float

    @property
    def lived(self) -> int:
        """Whole seconds, rounded up."""
        return max(1, math.ceil(self.ended_at - self.created_at))

    @property
    def ttl(self) -> int:
        """Seconds that it was good for."""
        return self.expires_at - self.created_at


@dataclasses.dataclass(frozen=True, slots=True)
class UsedTask:
    """One task with what it was given and what it took. `family` is the same for a task and all its sub-tasks."""

    id: str
    family: str
    launcher: str
    created_at: int
    expires_at: int
    ended_at: float
    grants: tuple[Grant, ...]
    leases: tuple[UsedLease, ...]
    refused: Mapping[str, int]

    @property
    def lived(self) -> int:
        """Whole seconds, rounded up."""
        return max(1, math.ceil(self.ended_at - self.created_at))


@dataclasses.dataclass(frozen=True, slots=True)
class GrantUse:
    """One grant: how many tasks had it and asked for it, and the most that one task with its sub-tasks took. Times are
    seconds. `uses` is the cap on uses of one credential; how often it was used only Vault's log knows."""

    name: str
    held_by: int
    asked_by: int
    issues: int
    refused: int
    granted_ttl: int
    longest_ttl: int
    longest_life: int
    granted_issues: int
    most_issues: int
    granted_leases: int
    most_at_once: int
    most_in_a_minute: int
    uses: int


@dataclasses.dataclass(frozen=True, slots=True)
class Usage:
    """A report: the tasks that it is about, the longest of them in seconds, who started them, and each grant."""

    tasks: int
    granted_deadline: int
    longest_task: int
    launchers: tuple[str, ...]
    grants: tuple[GrantUse, ...]
    cut: bool = False

    @property
    def unused(self) -> tuple[str, ...]:
        """Grants that were never asked for."""
        return tuple(one.name for one in self.grants if one.asked_by == 0)


def usage(found: Sequence[UsedTask], cut: bool = False) -> Usage:
    """Count. Pure."""
    held = {grant.name for task in found for grant in task.grants}
    names = sorted(held | {one.grant for task in found for one in task.leases})
    return Usage(
        tasks=len(found),
        granted_deadline=max((task.expires_at - task.created_at for task in found), default=0),
        longest_task=max((task.lived for task in found), default=0),
        launchers=tuple(sorted({task.launcher for task in found})),
        grants=tuple(_grant(name, found) for name in names),
        cut=cut,
    )


def _grant(name: str, found: Sequence[UsedTask]) -> GrantUse:
    had = [grant for task in found for grant in task.grants if grant.name == name]
    families: dict[str, list[UsedLease]] = collections.defaultdict(list)
    for task in found:
        families[task.family] += [one for one in task.leases if one.grant == name]
    every = [one for taken in families.values() for one in taken]
    return GrantUse(
        name=name,
        held_by=len(had),
        asked_by=sum(any(one.grant == name for one in task.leases) for task in found),
        issues=len(every),
        refused=sum(task.refused.get(name, 0) for task in found),
        granted_ttl=max((grant.ttl for grant in had), default=0),
        longest_ttl=max((one.ttl for one in every), default=0),
        longest_life=max((one.lived for one in every), default=0),
        granted_issues=max((grant.max_issues for grant in had), default=0),
        most_issues=max(map(len, families.values()), default=0),
        granted_leases=max((grant.max_leases for grant in had), default=0),
        most_at_once=max(map(_at_once, families.values()), default=0),
        most_in_a_minute=max(map(_in_a_minute, families.values()), default=0),
        uses=max((grant.uses for grant in had), default=0),
    )


def _at_once(taken: Iterable[UsedLease]) -> int:
    """The most that lived at one time; what began in the second in which another ended lived beside it."""
    both = [turn for one in taken for turn in ((one.created_at, -1), (one.created_at + one.lived, 1))]
    most = now = 0
    for _, ends in sorted(both):  # of one second the beginnings first
        now -= ends
        most = max(most, now)
    return most


def _in_a_minute(taken: Iterable[UsedLease]) -> int:
    begun = sorted(one.created_at for one in taken)
    return max((at - bisect.bisect_left(begun, time - MINUTE) + 1 for at, time in enumerate(begun)), default=0)


def of_task(database: Database, task_id: str, now: float) -> list[UsedTask]:
    """One task's own use. Raises RecordFailed."""
    return _read(database, tasks.c.id == task_id, now)[0]


def of_policy(database: Database, policy: str, since: int, now: float) -> tuple[list[UsedTask], bool]:
    """All tasks of a policy that began at `since` (Unix seconds) or later, and whether there are more than are read.

    Raises RecordFailed.
    """
    return _read(database, (tasks.c.policy == policy) & (tasks.c.created_at >= since), now)


def _read(database: Database, where: sa.ColumnElement[bool], now: float) -> tuple[list[UsedTask], bool]:
    newest = sa.select(tasks).where(where).order_by(tasks.c.created_at.desc(), tasks.c.id).limit(MAX_TASKS + 1)
    chosen = sa.select(tasks.c.id).where(where)
    taken = sa.select(leases).where(leases.c.task_id.in_(chosen), leases.c.state != LeaseState.FAILED.value)
    told = sa.select(events.c.event, events.c.task_id, events.c.payload).where(
        events.c.event.in_(("broker:lease:revoked", "broker:lease:refused", *ENDS)), events.c.task_id.in_(chosen)
    )
    with database.read() as tx:
        rows = tx.execute(newest).mappings().all()
        lease_rows = tx.execute(taken.limit(MAX_LEASES + 1)).mappings().all()
        records = [(row.event, row.task_id, row.payload) for row in tx.execute(told.limit(4 * MAX_LEASES)).all()]
    ends, refused = _ends(records)
    held: dict[str, list[UsedLease]] = collections.defaultdict(list)
    for row in lease_rows:
        ended = min(ends.get(row["id"], row["expires_at"]), row["expires_at"])
        held[row["task_id"]].append(UsedLease(row["grant_name"], row["created_at"], row["expires_at"], ended))
    above = {row["id"]: row["parent_task"] for row in rows}
    made = [_task(row, above, held[row["id"]], ends, refused[row["id"]], now) for row in rows[:MAX_TASKS]]
    return made, len(rows) > MAX_TASKS or len(lease_rows) > MAX_LEASES or len(records) == 4 * MAX_LEASES


def _task(
    row: sa.RowMapping,
    above: Mapping[str, str],
    taken: list[UsedLease],
    ends: Mapping[str, float],
    refused: Mapping[str, int],
    now: float,
) -> UsedTask:
    over = row["state"] in ("ended", "killed")
    ended = min(ends.get(row["id"], row["expires_at"]) if over else now, row["expires_at"])
    root = row["id"]
    while above.get(root):
        root = above[root]
    grants = grants_from_json(row["grants"])
    given = (row["id"], root, row["launcher"], row["created_at"], row["expires_at"], ended, grants)
    return UsedTask(*given, tuple(taken), dict(refused))


def _ends(
    records: Iterable[tuple[str, str, str]],
) -> tuple[dict[str, float], dict[str, collections.Counter[str]]]:
    """When leases and tasks ended, by id; and refusals by task and grant. A record that cannot be read says nothing."""
    ends: dict[str, float] = {}
    refused: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for event, task_id, payload in records:
        try:
            record = json.loads(payload)
        except ValueError:
            continue
        if event == "broker:lease:refused":
            refused[task_id][str(record.get("grant", ""))] += 1
        else:
            ends.setdefault(str(record.get("lease", task_id)), moment(record.get("time")) or float("inf"))
    return ends, refused
