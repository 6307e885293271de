"""One whole policy, compiled: the rules with their facts, and the task policies. What a request is decided under."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping

from broker.task_policy import TaskPolicy
from secretguard.policy.table import Policy


@dataclasses.dataclass(frozen=True, slots=True)
class PolicySet:
    """`digest` is the one of its files (`broker/policy/files.py`), "" for a set that no store knows by one. A request
    reads one such value from beginning to end, so that a change never meets it half way."""

    digest: str
    rules: Policy
    tasks: Mapping[str, TaskPolicy]

    def decided_under(self, task_policy: str) -> str:
        """SHA-256 (hex) over the digest of rules and facts and that of the task policy: what approvals are bound to.
        A change of another task policy leaves it as it is."""
        held = self.tasks.get(task_policy)
        return hashlib.sha256(f"{self.rules.digest}\0{held.digest if held else ''}".encode()).hexdigest()
