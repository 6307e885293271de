"""Which files a look sees: by git, by a walk, and what it says of the rest."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from secretguard.worktree import listing as module
from secretguard.worktree.listing import Listing, listing
from tests.secretguard.worktree.repository import git, repository

GIT_OWN = {".git/config", ".git/info/exclude"}


def listed(folder: Path, seconds: float = 20.0) -> Listing:
    return listing(str(folder), time.monotonic() + seconds)


def names(folder: Path) -> set[str]:
    return set(listed(folder).files)


def test_a_repository(tmp_path: Path) -> None:
    """Tracked and untracked files, single ignored ones marked, ignored folders counted, deleted files left out."""
    folder = repository(tmp_path / "p", a__txt="1", b__txt="2", __gitignore=".env\nbuilt/\n")
    (folder / "b.txt").unlink()
    (folder / "new.txt").write_text("3")
    (folder / ".env").write_text("4")
    (folder / "built").mkdir()
    (folder / "built" / "x").write_text("5")
    found = listed(folder)
    assert set(found.files) == {"a.txt", ".gitignore", "new.txt", ".env"} | GIT_OWN
    assert found.ignored == {".env"}
    assert (found.ignored_folders, found.means, found.gaps) == (1, {"git"}, [])
    assert found.heads == {"": git(folder, "rev-parse", "HEAD")}
    assert found.files["a.txt"].size == 1


def test_hooks_and_configuration_of_git_are_seen(tmp_path: Path) -> None:
    """What makes git run something is a way to stay; samples are none."""
    folder = repository(tmp_path / "p")
    (folder / ".git" / "hooks" / "pre-commit").write_text("#!/bin/sh\n")
    (folder / ".git" / "hooks" / "x.sample").write_text("")
    assert ".git/hooks/pre-commit" in names(folder)
    assert not any(name.endswith(".sample") for name in names(folder))


def test_a_project_that_is_a_folder_of_a_repository(tmp_path: Path) -> None:
    """Its own files only; git's folder lies outside and is named in full."""
    folder = repository(tmp_path / "p", a__txt="1")
    (folder / "sub").mkdir()
    (folder / "sub" / "b.txt").write_text("2")
    found = listed(folder / "sub")
    assert set(found.files) == {"b.txt", *(str(folder / name) for name in GIT_OWN)}
    assert found.heads[""]


def test_without_a_repository_the_folder_is_walked(tmp_path: Path) -> None:
    """What tools fill is counted; links are files of their own and lead nowhere."""
    for name in ("a.txt", "d/b.txt", "node_modules/m/c.js", "__pycache__/x.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    (tmp_path / "d" / "up").symlink_to("..")
    (tmp_path / "loop").symlink_to("loop")
    found = listed(tmp_path)
    assert set(found.files) == {"a.txt", "d/b.txt", "d/up", "loop"}
    assert stat.S_ISLNK(found.files["d/up"].mode)
    assert (found.ignored_folders, found.means, found.heads, found.gaps) == (2, {"walk"}, {}, [])


def test_repositories_inside_are_listed_by_themselves(tmp_path: Path) -> None:
    """A submodule, a clone inside a repository, a worktree elsewhere, a clone inside a plain folder."""
    other = repository(tmp_path / "other", s__txt="1")
    folder = repository(tmp_path / "p", a__txt="1")
    git(folder, "submodule", "add", "-q", str(other), "sub")
    repository(folder / "clone", c__txt="1", __gitignore="x")
    (folder / "clone" / "x").write_text("ignored there")
    found = listed(folder)
    assert {"a.txt", ".gitmodules", "sub/s.txt", "clone/c.txt", "clone/x"} <= found.files.keys()
    assert found.ignored == {"clone/x"}
    assert set(found.heads) == {"", "sub", "clone"}
    git(other, "worktree", "add", "-q", str(tmp_path / "tree"))
    assert "s.txt" in names(tmp_path / "tree")
    assert {"other/s.txt", "p/sub/s.txt", "tree/s.txt"} <= names(tmp_path)
    assert found.gaps == []


def test_a_repository_inside_that_is_broken_is_walked(tmp_path: Path) -> None:
    """Its own files are seen, the one around it is not asked in its place, and the gap is said."""
    folder = repository(tmp_path / "p", a__txt="1")
    repository(folder / "clone", c__txt="1")
    (folder / "clone" / ".git" / "index").write_text("nonsense")
    found = listed(folder)
    assert {"a.txt", "clone/c.txt"} <= found.files.keys()
    assert set(found.heads) == {""}
    assert found.means == {"git", "walk"}
    assert any("walked instead" in gap for gap in found.gaps)


@pytest.mark.parametrize("damage", ["HEAD", "config", "index"])
def test_a_damaged_repository_is_walked(tmp_path: Path, damage: str) -> None:
    """git refuses; the files are seen all the same, and why is said."""
    folder = repository(tmp_path / "p", a__txt="1")
    (folder / ".git" / damage).write_bytes(b"\0nonsense\n[")
    found = listed(folder)
    assert "a.txt" in found.files
    assert [gap for gap in found.gaps if "walked instead" in gap]


def test_a_fifo_where_git_reads_does_not_hold_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration that never answers: git is ended, the folder walked."""
    monkeypatch.setattr(module, "GIT_SECONDS", 0.5)
    folder = repository(tmp_path / "p", a__txt="1")
    (folder / ".git" / "config").unlink()
    os.mkfifo(folder / ".git" / "config")
    found = listed(folder)
    assert "a.txt" in found.files
    assert found.gaps == ["git did not answer in time; the folder was walked instead"]


ODD = [b"line\nend", b"tab\tand\x1b[31m", b"\xff\xfe not UTF-8", b" ", b"-rf", b'"quoted"', b"a\\b", b":(top)x"]


@pytest.mark.parametrize("tracked", [True, False])
def test_names_of_any_bytes(tmp_path: Path, tracked: bool) -> None:
    """Whatever the system lets a file be called, by git and by a walk."""
    folder = repository(tmp_path / "p") if tracked else tmp_path / "p"
    folder.mkdir(exist_ok=True)
    for name in ODD:
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(b"1")
    assert {os.fsdecode(name) for name in ODD} == {name for name in names(folder) if not name.startswith(".git/")}


def test_special_files_are_rows_and_not_opened(tmp_path: Path) -> None:
    """A FIFO and a socket are listed by a walk."""
    os.mkfifo(tmp_path / "fifo")
    assert stat.S_ISFIFO(listed(tmp_path).files["fifo"].mode)


def test_a_folder_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a walk; the rest is listed."""
    (tmp_path / "closed").mkdir()
    (tmp_path / "a").write_text("1")
    real = os.scandir

    def refused(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refused)
    found = listed(tmp_path)
    assert (set(found.files), found.gaps) == ({"a"}, ["some folders could not be read"])


def test_a_project_with_too_many_files_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is beyond the bound is not compared."""
    monkeypatch.setattr(module, "MOST_FILES", 3)
    for number in range(5):
        (tmp_path / str(number)).write_text("1")
    found = listed(tmp_path)
    assert (len(found.files), found.gaps) == (3, ["more than 3 files"])


def test_a_listing_that_takes_too_long_is_cut_and_says_so(tmp_path: Path) -> None:
    """The deadline holds for a walk, too."""
    (tmp_path / "a").write_text("1")
    assert listed(tmp_path, seconds=-1.0).gaps == ["the files could not be listed in time"]


def test_more_repositories_than_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are walked, and it is said."""
    monkeypatch.setattr(module, "MOST_REPOSITORIES", 1)
    for name in ("a", "b"):
        repository(tmp_path / name, x__txt="1")
    found = listed(tmp_path)
    assert {"a/x.txt", "b/x.txt"} <= found.files.keys()
    assert len(found.heads) == 1
    assert found.gaps == ["more than 1 repositories; the others were walked"]


def test_many_ignored_files_are_cut_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many are looked at one by one."""
    monkeypatch.setattr(module, "MOST_IGNORED", 1)
    folder = repository(tmp_path / "p", __gitignore="*.log\n", a__txt="1")
    for name in ("1.log", "2.log"):
        (folder / name).write_text("1")
    found = listed(folder)
    assert len(found.ignored) == 1
    assert found.gaps == ["more than 1 ignored files"]


def test_a_project_that_is_gone(tmp_path: Path) -> None:
    """Is an error for the caller to tell."""
    with pytest.raises(FileNotFoundError):
        listed(tmp_path / "gone")
