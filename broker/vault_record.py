"""What the broker's record tells of Vault tokens: leases and parents, from the events and not from the tables, because
the events are what `broker log verify` vouches for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import sqlalchemy as sa

from broker.issue.vault_rules import SOURCES
from broker.store.database import Database
from broker.store.tables import events
from broker.tenant import kind_of
from broker.vault_answer import unix
from secretguard import rawjson
from secretguard.errors import ConfigError

MAX_KNOWN = 500_000

TOLD = (
    "broker:lease:intended", "broker:lease:minted", "broker:lease:failed", "broker:lease:revoked",
    "broker:parent:intended", "broker:parent:opened", "broker:parent:failed", "broker:parent:closed",
)  # fmt: skip

TOKEN_DEAD = ("confirmed", "expires", "standing")
"""Receipts after which the lease's token is dead. The last two say what else lives on: a certificate, a value."""


@dataclasses.dataclass(slots=True)
class Known:
    """One token as the record tells of it. `kind` is `lease` or `parent`; `end` is `confirmed` (revoked), `nothing`
    (none was made, or none was left) or empty; `lost` counts the parents before it of which no answer was recorded.
    Times are Unix seconds by the broker's clock."""

    name: str
    task: str
    kind: str
    intended: float
    accessor: str = ""
    minted: float = 0.0
    end: str = ""
    ended: float = 0.0
    lost: int = 0

    @property
    def pending(self) -> bool:
        """Its answer is under way or was lost, and nobody has found out yet."""
        return not self.accessor and not self.end


def known(database: Database, since: float = 0.0) -> dict[str, Known]:
    """Every token that the record tells of and that was not over before `since`, by its name: a lease's id, or
    `parent of TASK`. Raises RecordFailed, and ConfigError for a record that cannot be read or is too large."""
    query = sa.select(events.c.seq, events.c.event, events.c.payload)
    query = query.where(events.c.event.in_(TOLD)).order_by(events.c.seq)
    found: dict[str, Known] = {}
    with database.read() as tx:
        for seq, event, payload in tx.execute(query.execution_options(yield_per=1000)):
            tell(found, event, _record(seq, payload))
            if len(found) > MAX_KNOWN:
                raise ConfigError(f"the broker's record has more than {MAX_KNOWN} tokens", "that is the most")
    return {name: one for name, one in found.items() if not one.end or one.ended >= since}


def tell(found: dict[str, Known], event: str, record: Mapping[str, object]) -> None:
    """Let one event of the record, in its order, change what is known."""
    _, kind, act = event.split(":")
    task, moment = str(record.get("task")), unix(record.get("time"))
    name = str(record.get("lease")) if kind == "lease" else f"parent of {task}"
    one = found.get(name)
    if act == "intended":
        if kind == "parent" or kind_of(str(record.get("source"))) in SOURCES:
            found[name] = Known(name, task, kind, moment, lost=one.lost if one else 0)
    elif one is None:
        return  # a lease of another source
    elif act in ("minted", "opened"):
        one.accessor, one.minted = str(record.get("accessor") or ""), moment
    elif act == "failed":
        one.end, one.ended, one.lost = "nothing", moment, one.lost + 1
    elif act == "closed" or record.get("revocation") in TOKEN_DEAD:
        one.end, one.ended = "confirmed", moment
    elif record.get("revocation") == "nothing_issued":
        one.end, one.ended = "nothing", moment


def _record(seq: int, payload: str) -> Mapping[str, object]:
    try:
        record = rawjson.loads(payload.encode())
    except rawjson.JsonError:
        record = None
    if not isinstance(record, dict):
        raise ConfigError(f"record {seq} of the broker is not readable", "run `broker log verify`")
    return record
