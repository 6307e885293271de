"""The steps, with a pool that does what a test wants."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.fleet.run import scan_all
from secretguard.fleet.shards import Shards
from secretguard.fleet.task import Outcome, Target, Task

TOOL = {"version": "1", "rules_digest": "d"}
TARGETS = [Target(name, name, place=f"/{name}") for name in "abc"]


def shard(found: int = 0, tool: dict[str, str] = TOOL) -> bytes:
    counts = {"findings": found + 1, "open": found, "gaps": 1, "scanned": {"files": 1, "bytes": 7}}
    rows = [{"kind": "repository", "options": {}}, {"kind": "summary", "tool": tool, **counts}]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


class Pool:
    """Gives what it was made with, and remembers what it was asked."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes, self.asked, self.closed = outcomes, [""], False

    def __call__(self, tasks: Sequence[Task]) -> Generator[Outcome]:
        self.asked = [task.target.name for task in tasks]
        try:
            yield from self.outcomes
        finally:
            self.closed = True


def test_totals_count_this_run_and_earlier_ones(tmp_path: Path) -> None:
    """What was done before is not asked for again, and its findings count."""
    told: list[tuple[int, int]] = []
    with Shards(str(tmp_path / "out")) as shards:
        pool = Pool(Outcome(TARGETS[0], shard(2)), Outcome(TARGETS[1], error="broken"), Outcome(TARGETS[2], shard()))
        totals = scan_all(TARGETS, shards, {}, TOOL, pool, lambda done, size: told.append((done, size)))
        assert (totals.scanned, totals.kept, totals.failed, totals.open, totals.with_findings) == (2, 0, 1, 2, 1)
        assert told == [(1, 7), (1, 0), (1, 7)]
        pool = Pool(Outcome(TARGETS[1], shard(1)))
        totals = scan_all(TARGETS, shards, {}, TOOL, pool, lambda done, size: None)
        assert pool.asked == ["b"]
        assert (totals.scanned, totals.kept, totals.open, totals.findings, totals.gaps) == (1, 2, 3, 6, 3)
        scan_all(TARGETS, shards, {}, TOOL, pool, lambda done, size: None, again=True)
        assert pool.asked == ["a", "b", "c"]


def test_another_installation_is_a_failure(tmp_path: Path) -> None:
    """Shards by other rules are not mixed with ours; nor is one that is not whole taken for one."""
    with Shards(str(tmp_path / "out")) as shards:
        other = {"version": "0", "rules_digest": "e"}
        pool = Pool(
            Outcome(TARGETS[0], shard(tool=other)), Outcome(TARGETS[1], b'{"kind": "rep'), Outcome(TARGETS[2], b"")
        )
        assert scan_all(TARGETS, shards, {}, TOOL, pool, lambda done, size: None).failed == 3
    assert list((tmp_path / "out").glob("[abc].jsonl")) == []
    assert "another installation (0, rules e)" in (tmp_path / "out" / "errors.jsonl").read_text()


def test_a_result_that_cannot_be_written_ends_the_pool(tmp_path: Path) -> None:
    """Nothing runs on for nothing."""
    with Shards(str(tmp_path / "out")) as shards:
        (tmp_path / "out" / ".a.jsonl.new").symlink_to("/dev/full")
        pool = Pool(Outcome(TARGETS[0], shard()))
        with pytest.raises(ConfigError):
            scan_all(TARGETS, shards, {}, TOOL, pool, lambda done, size: None)
        assert pool.closed
