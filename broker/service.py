"""All parts of one running broker as one value, handed to the pipeline; built by `broker/assemble.py` or a test."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping

from broker.issue.replies import Replies
from broker.issue.source import ParentSource, Source
from broker.journal import Journal
from broker.log.signer import LogSigner
from broker.log.witness import WitnessClient
from broker.policy.in_force import InForce
from broker.store.database import Database
from broker.store.sealed import Sealer
from broker.task_journal import TaskJournal
from broker.telemetry.observer import Observer
from broker.vault_config import Vaults


@dataclasses.dataclass(frozen=True, slots=True)
class Broker:
    """`policies` says which policy is in force; `sources` by their registry name; `operators` are patterns
    (`broker/task_policy.py`) of who may see and end every task, `approvers` of who decides on requests from outside of
    any task; `clock` gives Unix seconds."""

    database: Database
    policies: InForce
    sources: Mapping[str, Source]
    parents: ParentSource | None
    sealer: Sealer
    signer: LogSigner
    clock: Callable[[], float]
    operators: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ("jwt:*",)
    witnesses: tuple[WitnessClient, ...] = ()
    vaults: Vaults | None = None
    metrics: tuple[str, ...] = ()
    """Patterns of who may read `/metrics`, beside the operators."""
    observer: Observer = dataclasses.field(default_factory=Observer)
    kills: str = ""
    """The folder of orders that were carried out by Vault alone (`broker/kill_file.py`); empty where there is none."""
    replies: Replies = dataclasses.field(default_factory=Replies)
    wake: threading.Event = dataclasses.field(default_factory=threading.Event)
    """Set when recovery has something to do now, instead of at its next minute."""

    @property
    def journal(self) -> Journal:
        return Journal(self.database, self.clock)

    @property
    def tasks(self) -> TaskJournal:
        return TaskJournal(self.database, self.clock)
