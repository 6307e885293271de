"""Many repositories, step by step.

1 list      the repositories of a file                                         listing.py
2 leave     what an earlier run has done: a whole shard, same options and rules  shards.py
3 scan      each in a process of its own, several at once here, or over Dask   one.py, here.py, over_dask.py
4 write     its shard, whole or not at all; a failure is a line of errors.jsonl
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from secretguard.fleet.shards import Shards
from secretguard.fleet.task import DEADLINE, Outcome, Target, Task

Pool = Callable[[Sequence[Task]], Generator[Outcome]]
"""Does the tasks, in whatever order, and yields what came of each."""


@dataclass(slots=True)
class Totals:
    """Counts over all repositories of the list: shards of earlier runs included."""

    repositories: int = 0
    scanned: int = 0
    kept: int = 0
    failed: int = 0
    findings: int = 0
    open: int = 0
    gaps: int = 0
    with_findings: int = 0

    def add(self, summary: dict[str, Any]) -> None:
        """Take in the summary of one shard."""
        self.findings += summary["findings"]
        self.open += summary["open"]
        self.gaps += summary["gaps"]
        self.with_findings += bool(summary["open"])


def scan_all(
    targets: Sequence[Target],
    shards: Shards,
    options: dict[str, Any],
    tool: dict[str, str],
    pool: Pool,
    progress: Callable[[int, int], None],
    again: bool = False,
    deadline: float = DEADLINE,
) -> Totals:
    """Scan `targets` into `shards`. `tool` is what a shard's summary must say made it. `progress` is told of
    repositories and bytes done. Raises ConfigError where a result cannot be written."""
    totals = Totals(len(targets))
    todo = []
    for target in targets:
        summary = None if again else shards.done(target.name, options, tool)
        if summary is None:
            todo.append(Task(target, options, shards.key, deadline))
        else:
            totals.kept += 1
            totals.add(summary)
            progress(1, 0)
    with closing(pool(todo)) as outcomes:  # closed where a result cannot be written: nothing runs on then
        for outcome in outcomes:
            checked, summary = _checked(outcome, tool)
            shards.write(checked)
            if summary is None:
                totals.failed += 1
            else:
                totals.scanned += 1
                totals.add(summary)
            progress(1, summary["scanned"]["bytes"] if summary else 0)
    return totals


def _checked(outcome: Outcome, tool: dict[str, str]) -> tuple[Outcome, dict[str, Any] | None]:
    """The outcome and its summary; a shard that is not whole, or by another installation's rules, is a failure."""
    if outcome.error:
        return outcome, None
    try:
        summary = json.loads(outcome.shard.rstrip(b"\n").rpartition(b"\n")[2])
    except ValueError:
        return Outcome(outcome.target, error="its result is not whole"), None
    if summary.get("tool") != tool:
        other = summary.get("tool", {})
        reason = f"scanned by another installation ({other.get('version')}, rules {other.get('rules_digest', '')[:12]})"
        return Outcome(outcome.target, error=reason), None
    return outcome, summary
