"""What commits added, told from versions: the same as their diffs tell, whatever the history is."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from secretguard.history import additions, scan, sift, versions
from secretguard.report.located import Scan
from secretguard.source.git import Git
from secretguard.source.git_history import commits
from tests.secretguard.history.repository import SCANNER, Repository, found, nothing, scanned, token


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setattr(scan, "MANY", 0)
    return Repository(tmp_path / "repo")


def _by_diffs(path: Path, monkeypatch: pytest.MonkeyPatch) -> Scan:
    with monkeypatch.context() as patch:
        patch.setattr(scan, "MANY", 10**9)
        return scanned(path)


def _told(result: Scan) -> list[object]:
    return [(one.path, one.line, one.column, one.commit, one.fingerprint, one.accepted) for one in result.findings]


@pytest.mark.parametrize("seed", range(3))
def test_same_as_diffs(repo: Repository, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Values that come, go, move, come again, are copied, renamed and merged: same findings, places and commits."""
    chance = random.Random(seed)
    repo.commit("a", "start\n")
    repo.git("branch", "-q", "side")
    for number in range(25):
        repo.git("switch", "-q", chance.choice(["main", "side"]))
        values = [f"k = '{token(chance.randrange(12))}'" for _ in range(chance.randrange(5))]
        lines = ["import os", *values, f"{number}"]
        chance.shuffle(lines)
        repo.write(chance.choice("abc"), "\n".join(lines) + "\n")
        repo.commit("count", f"{number}\n")
        if number % 9 == 8:
            repo.git("switch", "-q", "main")
            repo.git("merge", "-q", "-X", chance.choice(["ours", "theirs"]), "-m", "merge", "side")
    mine = scanned(repo.path)
    assert len(mine.findings) > 10
    assert _told(mine) == _told(_by_diffs(repo.path, monkeypatch))


def test_what_versions_cannot_tell_is_read_from_diffs(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is too large to be held is scanned all the same, and every commit is counted once."""
    repo.commit("small", f"{token(1)}\n")
    repo.commit("large", "x\n" * 40_000 + f"{token(2)}\n")
    monkeypatch.setattr(versions, "LARGEST", 50_000)
    read: list[list[str]] = []
    sifted = sift.sifted

    def by_diffs(scanner: object, git: object, ids: list[str], *rest: object) -> object:
        read.append(list(ids))
        return sifted(scanner, git, ids, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(additions, "sifted", by_diffs)
    result = scanned(repo.path)
    assert read == [[repo.head()]]
    assert set(found(result)) == {token(1), token(2)}
    assert (result.commits, result.files) == (2, 2)


def test_a_blob_that_is_gone_is_a_gap(repo: Repository) -> None:
    """A missing object is said with its commit, and the rest is scanned."""
    repo.commit("a", f"{token(1)}\n")
    gone = repo.commit("a", f"{token(1)}\n{token(2)}\n")
    blob = repo.git("rev-parse", "HEAD:a").strip()
    repo.commit("b", f"{token(3)}\n")
    (repo.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    result = scanned(repo.path)
    assert {one.secret.reveal() for one in result.findings} == {token(1), token(3)}
    assert any(gap.path == f"commit {gone}" for gap in result.gaps)


def test_a_tree_that_is_gone_is_a_gap(repo: Repository) -> None:
    """Where git cannot even tell what a commit changed, diffs are asked, which go on after it."""
    repo.commit("a", f"{token(1)}\n")
    gone = repo.commit("a", f"{token(2)}\n")
    tree = repo.git("rev-parse", "HEAD^{tree}").strip()
    repo.commit("b", f"{token(3)}\n")
    (repo.path / ".git/objects" / tree[:2] / tree[2:]).unlink()
    result = scanned(repo.path)
    assert {token(1)} <= {one.secret.reveal() for one in result.findings}
    assert any(gone in gap.path for gap in result.gaps)


def test_progress_ends_at_all(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits are counted up as blobs are read, chunk by chunk, and come to exactly all of them."""
    monkeypatch.setattr(additions, "CHUNK", 3)
    for number in range(10):
        repo.commit("a", f"{number}\n")
    git = Git(str(repo.path))
    told: list[tuple[int, int]] = []
    part = additions.added(SCANNER, git, commits(git).commits, 1, lambda done, size: told.append((done, size)))
    assert sum(done for done, _ in told) == part.commits == 10
    assert sum(size for _, size in told) == part.bytes > 0


def test_no_commits(repo: Repository) -> None:
    """An empty repository is clean."""
    git = Git(str(repo.path))
    assert additions.added(SCANNER, git, [], 2, nothing).hits == []
