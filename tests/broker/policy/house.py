"""A broker whose policy is in its store, in memory but for that store; and shortcuts for its people's words."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from broker.authenticate.identity import Identity
from broker.policy.changing import Changing
from broker.policy.files import PolicyFiles
from broker.policy.proposals import Proposal
from broker.policy.stored import Stored, take_at_first_start
from broker.service import Broker
from broker.store.database import Database, open_database
from broker.testing import ManualClock, MemorySource, memory_broker
from tests.broker.policy.sets import files, quick


class House:
    """Over the store at `url`, which gets `first` where it has no policy yet."""

    def __init__(
        self,
        url: str,
        first: PolicyFiles | None = None,
        clock: ManualClock | None = None,
        database: Database | None = None,
    ) -> None:
        self.url, self.clock = url, clock or ManualClock()
        self.database = database or open_database(url)
        take_at_first_start(self.database, lambda: first or files(), int(self.clock()))
        self.stored = Stored(self.database, compiler=quick)
        sources = {"identity": MemorySource(clock=self.clock)}
        broker = memory_broker("", {}, sources, clock=self.clock, database=self.database)
        self.broker: Broker = dataclasses.replace(broker, policies=self.stored)
        self.changing = Changing(self.broker, check=quick)

    @property
    def active(self) -> str:
        """The digest in force."""
        return self.stored.current().digest

    def propose(self, person: Identity, found: PolicyFiles, reason: str = "a test") -> Proposal:
        """A proposal."""
        return self.changing.propose(person, found, reason)

    def approve(self, person: Identity, proposal: Proposal) -> Proposal:
        """A yes."""
        return self.changing.decide(proposal.id, person, True, "looked at it")

    def deny(self, person: Identity, proposal: Proposal) -> Proposal:
        """A no."""
        return self.changing.decide(proposal.id, person, False, "not like this")


def sqlite(folder: Path) -> str:
    """The URL of a store in `folder`."""
    return f"sqlite:///{folder}/store/broker.db"
