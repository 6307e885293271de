"""One whole policy, compiled: rules with their facts, task policies, ceilings. What a request is decided under."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping

from broker.ceiling import Ceilings
from broker.task_policy import TaskPolicy
from secretguard.policy.table import Policy


@dataclasses.dataclass(frozen=True, slots=True)
class PolicySet:
    """`digest` is the one of its files (`broker/policy/files.py`), "" for a set that no store knows by one. A request
    reads one such value from beginning to end, so that a change never meets it half way."""

    digest: str
    rules: Policy
    tasks: Mapping[str, TaskPolicy]
    ceilings: Ceilings = dataclasses.field(default_factory=Ceilings)

    def decided_under(self, task_policy: str) -> str:
        """SHA-256 (hex) over the digest of rules and facts, that of the task policy and that of the ceilings: what
        approvals are bound to. A change of another task policy leaves it as it is."""
        held = self.tasks.get(task_policy)
        parts = [self.rules.digest, held.digest if held else "", *filter(None, [self.ceilings.digest])]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()
