"""All parts of one running broker as one value, handed to the pipeline; built by `broker/assemble.py` or a test."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Callable, Mapping

from broker.issue.replies import Replies
from broker.issue.source import ParentSource, Source
from broker.journal import Journal
from broker.store.database import Database
from broker.store.log import Signer
from broker.store.sealed import Sealer
from broker.task_journal import TaskJournal
from broker.task_policy import TaskPolicy
from secretguard.policy.table import Policy


@dataclasses.dataclass(frozen=True, slots=True)
class Broker:
    """`policy` and `task_policies` are those in force since the start; `sources` by their registry name; `operators`
    are patterns (`broker/task_policy.py`) of who may see and end every task, `approvers` of who decides on
    requests from outside of any task; `clock` gives Unix seconds."""

    database: Database
    policy: Policy
    task_policies: Mapping[str, TaskPolicy]
    sources: Mapping[str, Source]
    parents: ParentSource | None
    sealer: Sealer
    signer: Signer
    clock: Callable[[], float]
    operators: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ("jwt:*",)
    replies: Replies = dataclasses.field(default_factory=Replies)
    wake: threading.Event = dataclasses.field(default_factory=threading.Event)
    """Set when recovery has something to do now, instead of at its next minute."""

    @property
    def journal(self) -> Journal:
        return Journal(self.database, self.clock)

    @property
    def tasks(self) -> TaskJournal:
        return TaskJournal(self.database, self.clock)

    def policy_digest(self, task_policy: str) -> str:
        """SHA-256 (hex) over the policy set's digest and the task policy's: what every decision was made under."""
        held = self.task_policies.get(task_policy)
        return hashlib.sha256(f"{self.policy.digest}\0{held.digest if held else ''}".encode()).hexdigest()
