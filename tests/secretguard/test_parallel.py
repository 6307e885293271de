"""Several processes give the same result as one, and a dead one is never a clean result."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard import parallel
from secretguard.detect import made_up
from secretguard.errors import GuardError
from secretguard.pipeline import Scanner
from secretguard.report.located import Scan
from tests.processes import children
from tests.secretguard.detect import engines

SCANNER = Scanner(engines.hyperscan(), b"k" * 32)


def plain(scan: Scan) -> tuple[object, ...]:
    rows = [(f.path, f.rule_id, f.start_offset, f.fingerprint, f.secret.reveal(), f.sha1) for f in scan.findings]
    return rows, scan.skipped, scan.files, scan.bytes


@pytest.fixture
def tree(tmp_path: Path) -> list[str]:
    paths = []
    for number in range(150):
        path = tmp_path / f"{number:03}.txt"
        path.write_text("x\n" * number + (made_up.github("ghp_", str(number)) if number % 7 == 0 else ""))
        paths.append(str(path))
    (tmp_path / "077.txt").write_bytes(b"\0binary")
    return [*paths, str(tmp_path / "gone")]


@pytest.mark.parametrize("count", [2, 3, 200])
def test_same_result_as_one_process(tree: list[str], count: int) -> None:
    """Findings, skipped files and totals are the same and in the same order."""
    seen = []
    one = parallel.scan_files(SCANNER, tree, 1, lambda files, size: None)
    many = parallel.scan_files(SCANNER, tree, min(count, len(tree)), lambda files, size: seen.append((files, size)))
    assert plain(many) == plain(one)
    assert sum(files for files, _ in seen) == len(tree)
    assert sum(size for _, size in seen) == one.bytes


def test_dead_worker_is_an_error(tree: list[str]) -> None:
    """A worker that dies takes the scan down with it, and leaves no child behind."""

    class Fatal(Scanner):
        def file(self, path: str) -> Scan:
            os._exit(0) if path.endswith("031.txt") else None
            return super().file(path)

    before = children()
    with pytest.raises(GuardError, match="worker died"):
        parallel.scan_files(Fatal(engines.hyperscan(), b"k"), tree, 2, lambda files, size: None)
    assert children() == before


def test_number_of_workers() -> None:
    """As asked, never more than files; by itself one for a few files, at most eight."""
    assert parallel.workers(5, 3) == 3
    assert parallel.workers(4, 1000) == 4
    assert parallel.workers(0, 10) == 1
    assert 1 <= parallel.workers(0, 10_000) <= 8
