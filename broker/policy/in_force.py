"""Which policy is in force: asked anew for each request, and once more in the transaction that acts on the answer."""

from __future__ import annotations

import dataclasses
from typing import Protocol

import sqlalchemy as sa

from broker.policy.policy_set import PolicySet


class InForce(Protocol):
    """Where the broker's policy comes from."""

    def current(self) -> PolicySet:
        """The policy in force. Raises BrokerError where there is none that can be used: then nothing is issued."""

    def require(self, tx: sa.Connection, held: PolicySet) -> None:
        """Raises Conflict unless `held` is still in force; it then stays so until the transaction ends."""

    def notice(self) -> str:
        """What an operator should know of it, in a few words, and "" for nothing; recorded when it is news."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fixed:
    """One policy for as long as the process lives."""

    held: PolicySet

    def current(self) -> PolicySet:
        """The policy it was made with."""
        return self.held

    def require(self, tx: sa.Connection, held: PolicySet) -> None:
        """It cannot change."""

    def notice(self) -> str:
        """Nothing."""
        return ""
