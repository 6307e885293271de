"""Hits become findings of whole files."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.accepted import Baseline
from secretguard.history.confirm import confirmed, oldest
from secretguard.history.hit import BINARY, WHOLE_FILE, Hit
from secretguard.pipeline import Scanner
from secretguard.report.located import Scan
from secretguard.source.git import Git
from tests.secretguard.history.repository import SCANNER, Repository, scanned, token


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def test_oldest_of_one_value_stays() -> None:
    """Of equal hits that of the oldest commit, of one commit the first line; other files and values are others."""
    order = {"new": 0, "old": 1}
    one = Hit("new", "a", "1", 5, "r", "v")
    two, three = one._replace(commit="old"), one._replace(commit="old", line=3)
    others = [one._replace(path="b"), one._replace(value="w"), one._replace(rule="s")]
    assert oldest([one, two, three, *others], order) == [three, *others]
    assert len(oldest([one._replace(value=""), one._replace(value="", blob="2")], order)) == 2


def test_object_that_is_missing(repo: Repository) -> None:
    """An object that git does not have is a gap."""
    repo.commit("a", "x\n")
    scan = Scan()
    assert confirmed(SCANNER, Git(str(repo.path)), [Hit("", "a", "0" * 39 + "1", 1, "r", "v")], {}, scan) == []
    assert [(item.path, item.reason) for item in scan.gaps] == [("a", "object is missing from the repository")]


def test_large_binary_is_not_read(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file that git calls binary is a gap, with its bytes."""
    monkeypatch.setattr("secretguard.history.confirm.LARGEST_BINARY", 10)
    repo.commit("a", f"key = {token(1)}".encode("utf-16"))
    scan = scanned(repo.path)
    assert scan.findings == []
    assert [(item.path, item.reason, item.bytes > 10) for item in scan.gaps] == [("a", "binary", True)]


def test_pragma_and_baseline(repo: Repository) -> None:
    """A pragma in the file of that commit accepts, and so does the baseline."""
    repo.commit("a.py", f"k = '{token(1)}'  # pragma: allowlist secret\nk = '{token(2)}'\n")
    first = scanned(repo.path)
    assert [one.accepted for one in first.findings] == ["pragma", ""]
    known = Baseline("b", {}, {("a.py", first.findings[1].sha1[0])})
    scanner = Scanner(SCANNER.engine, SCANNER.key, known)
    head = repo.head()
    blob = repo.git("rev-parse", "HEAD:a.py").strip()
    hits = [Hit(head, "a.py", blob, WHOLE_FILE, "", "")]
    found = confirmed(scanner, Git(str(repo.path)), hits, {head: 0}, Scan())
    assert [one.accepted for one in found] == ["pragma", "baseline"]
    assert found[0].rule_id != BINARY
