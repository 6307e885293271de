"""What credentials were used for at Vault: the requests in its own log that came with a lease's token.

Only leases of the source `vault_token` are counted: tokens of other sources never leave the broker. A token is known
by its accessor, which the log writes as an HMAC (`broker/vault_audit.py`). What is not in the log that was given, or
stands under another salt, was not seen: a count is what was used at least.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from broker.store.database import Database
from broker.store.tables import leases, tasks
from broker.tenant import kind_of
from broker.vault_audit import entries

SOURCE = "vault_token"
MAX_PATHS = 1000
"""Different paths of one grant that are told apart; further ones are counted as OTHERS."""
OTHERS = "(others)"


@dataclasses.dataclass(frozen=True, slots=True)
class Token:
    """One lease's token: its accessor, and the task policy and grant that it was issued by."""

    accessor: str
    policy: str
    grant: str


@dataclasses.dataclass(frozen=True, slots=True)
class Uses:
    """One grant: leases issued, leases whose token the log has, requests with them, the most with one of them, and how
    often each operation on a path was asked for, refused ones among them."""

    policy: str
    grant: str
    leases: int
    seen: int
    requests: int
    most: int
    paths: Mapping[str, int]


def tokens(database: Database, since: int) -> list[Token]:
    """The tokens that were issued at `since` (Unix seconds) or later. Raises RecordFailed."""
    query = sa.select(leases.c.accessor, leases.c.source, tasks.c.policy, leases.c.grant_name)
    query = query.join(tasks, leases.c.task_id == tasks.c.id).where(
        leases.c.created_at >= since, leases.c.accessor != ""
    )
    with database.read() as tx:
        rows = tx.execute(query).all()
    return [Token(row.accessor, row.policy, row.grant_name) for row in rows if kind_of(row.source) == SOURCE]


def uses(path: str, issued: Iterable[Token], hashed: Mapping[str, str]) -> list[Uses]:
    """Count in the log at `path`; `hashed` is what it writes for each accessor. Raises ConfigError (no file)."""
    every = list(issued)
    of = {form: token for token in every for form in (token.accessor, hashed.get(token.accessor, "")) if form}
    requests: dict[str, int] = collections.Counter()
    paths: dict[tuple[str, str], dict[str, int]] = collections.defaultdict(collections.Counter)
    for entry in entries(path):
        auth, request = entry.get("auth"), entry["request"]
        token = of.get(str(auth.get("accessor"))) if isinstance(auth, dict) else None
        if entry["type"] != "response" or token is None:
            continue
        requests[token.accessor] += 1
        mine = paths[token.policy, token.grant]
        name = f"{str(request.get('operation'))[:20]} {str(request.get('path'))[:200]}"
        mine[name if name in mine or len(mine) < MAX_PATHS else OTHERS] += 1
    grants = sorted({(token.policy, token.grant) for token in every})
    return [
        _of(grant, [one.accessor for one in every if (one.policy, one.grant) == grant], requests, paths[grant])
        for grant in grants
    ]


def _of(grant: tuple[str, str], mine: list[str], requests: Mapping[str, int], paths: Mapping[str, int]) -> Uses:
    counts = [requests[accessor] for accessor in mine if accessor in requests]
    return Uses(*grant, len(mine), len(counts), sum(counts), max(counts, default=0), dict(paths))
