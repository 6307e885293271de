"""HEAD moved: what lies between two commits."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from secretguard.worktree.git import Git
from secretguard.worktree.heads import MOST_FILES, moves
from tests.secretguard.worktree.repository import git, repository


def told(folder: Path, before: dict[str, str], now: dict[str, str]) -> list[dict[str, object]]:
    found = list(moves(Git(str(folder), time.monotonic() + 20), str(folder), before, now, str.upper))
    assert all(event == "guard:head:moved" for event, _ in found)
    return [fields for _, fields in found]


def head(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD")


def test_commits(tmp_path: Path) -> None:
    """Old and new, how many, and the files between; names go through the redaction."""
    folder = repository(tmp_path / "p", a__txt="1", b__txt="1")
    old = head(folder)
    (folder / "a.txt").write_text("2")
    git(folder, "mv", "b.txt", "c.txt")
    git(folder, "commit", "-qam", "second")
    (fields,) = told(folder, {"": old}, {"": head(folder)})
    assert fields == {
        "path": str(folder).upper(), "old": old, "new": head(folder), "commits": 1, "taken_back": 0,
        "files": ["A.TXT", "B.TXT", "C.TXT"],
    }  # fmt: skip


def test_a_reset_takes_back(tmp_path: Path) -> None:
    """Commits that are no longer below HEAD are counted apart."""
    folder = repository(tmp_path / "p", a__txt="1")
    old = head(folder)
    git(folder, "commit", "-qm", "x", "--allow-empty")
    (fields,) = told(folder, {"": head(folder)}, {"": old})
    assert (fields["commits"], fields["taken_back"]) == (0, 1)


def test_the_first_commit_and_none(tmp_path: Path) -> None:
    """A repository that had no commit, and one that has none any more."""
    folder = repository(tmp_path / "p", a__txt="1")
    (fields,) = told(folder, {"": ""}, {"": head(folder)})
    assert (fields["old"], fields["commits"], fields["files"]) == ("none", 1, ["A.TXT"])
    (fields,) = told(folder, {"": head(folder)}, {"": ""})
    assert fields["new"] == "none"
    assert "files" not in fields


def test_only_repositories_that_both_looks_saw(tmp_path: Path) -> None:
    """A clone that is new has not moved; one that stayed has not either."""
    folder = repository(tmp_path / "p", a__txt="1")
    assert told(folder, {"": "x" * 40, "gone": "1"}, {"": "x" * 40, "new": "2"}) == []


def test_a_commit_that_git_does_not_have(tmp_path: Path) -> None:
    """Pruned, or never fetched: the move is told, and that the rest is not known; what is no commit is not asked."""
    folder = repository(tmp_path / "p", a__txt="1")
    (fields,) = told(folder, {"": "1" * 40}, {"": head(folder)})
    assert fields["old"] == "1" * 40
    assert "not known" in str(fields["reason"])
    (fields,) = told(folder, {"": "--all"}, {"": head(folder)})
    assert fields.keys() == {"path", "old", "new"}


def test_many_files_are_cut_and_counted(tmp_path: Path) -> None:
    """A checkout of another branch lists so many names and says how many it left out."""
    folder = repository(tmp_path / "p")
    old = head(folder)
    for number in range(MOST_FILES + 3):
        (folder / f"{number}.txt").write_text("1")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "many")
    (fields,) = told(folder, {"": old}, {"": head(folder)})
    assert len(fields["files"]) == MOST_FILES  # type: ignore[arg-type]
    assert fields["files_left_out"] == 3


def test_long_names_are_cut_sooner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record has so much room."""
    monkeypatch.setattr("secretguard.worktree.heads.MOST_CHARACTERS", 12)
    folder = repository(tmp_path / "p")
    old = head(folder)
    for number in range(5):
        (folder / f"{number}.txt").write_text("1")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "many")
    (fields,) = told(folder, {"": old}, {"": head(folder)})
    assert (fields["files"], fields["files_left_out"]) == (["0.TXT", "1.TXT", "2.TXT"], 2)
