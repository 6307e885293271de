"""The index of a real repository: what would be committed, whatever stands in the work tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.report.located import Skipped
from secretguard.source.git_index import Blob, BlobReader, staged


def git(*arguments: str, cwd: Path | None = None) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.test", "-c", "protocol.file.allow=always"]
    return subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repo"
    root.mkdir()
    monkeypatch.chdir(root)
    git("init", "-q")
    return root


def contents(*paths: str) -> dict[str, bytes]:
    found = {}
    with BlobReader() as reader:
        for item in staged(paths):
            assert isinstance(item, Blob)
            for read, size in reader.reading(item):
                found[item.path] = read(size + 1)
    return found


def test_first_commit(repo: Path) -> None:
    """A repository without a commit has an index too."""
    (repo / "a").write_text("one")
    git("add", "a")
    assert contents() == {"a": b"one"}


def test_index_counts_and_not_the_work_tree(repo: Path) -> None:
    """A partly staged file is read as it would be committed."""
    (repo / "a").write_text("staged")
    git("add", "a")
    (repo / "a").write_text("changed since")
    (repo / "untracked").write_text("x")
    assert contents() == {"a": b"staged"}


def test_renamed_deleted_and_unchanged(repo: Path) -> None:
    """A renamed file is read whole under its new name; a deleted or unchanged one is not read."""
    for name in ("old", "gone", "same"):
        (repo / name).write_text(name * 50)
    git("add", "."), git("commit", "-qm", "x")
    git("mv", "old", "new"), git("rm", "-q", "gone")
    assert contents() == {"new": b"old" * 50}


def test_odd_names_and_pathspecs(repo: Path) -> None:
    """Names with spaces, quotes and line ends come through; pathspecs limit the answer."""
    names = ['a "b"', "line\nend", "é", "sub/x"]
    for name in names:
        (repo / name).parent.mkdir(exist_ok=True)
        (repo / name).write_text(name)
    git("add", ".")
    assert set(contents()) == set(names)
    assert set(contents("sub")) == {"sub/x"}


def test_links_submodules_and_announced_files_are_reported(repo: Path, tmp_path: Path) -> None:
    """What has no text of its own in the index is named with the reason."""
    other = tmp_path / "other"
    other.mkdir()
    git("init", "-q", cwd=other)
    (other / "f").write_text("x")
    git("add", ".", cwd=other), git("commit", "-qm", "x", cwd=other)
    git("submodule", "add", "-q", str(other), "module")
    (repo / "link").symlink_to("x")
    (repo / "later").write_text("x")
    git("add", "link"), git("add", "-N", "later")
    reasons = {item.path: item.reason for item in staged() if isinstance(item, Skipped)}
    assert reasons == {"module": "submodule", "link": "symbolic link"}
    assert "later" not in contents("later")  # announced only: git has nothing to commit for it


def test_blob_that_is_not_read_to_its_end(repo: Path) -> None:
    """The next blob is right even when the one before was left half read, or is missing."""
    (repo / "a").write_bytes(b"x" * 3_000_000)
    (repo / "b").write_bytes(b"second")
    git("add", ".")
    first, second = staged()
    assert isinstance(first, Blob)
    assert isinstance(second, Blob)
    with BlobReader() as reader:
        for read, size in reader.reading(first):
            assert (read(10), size) == (b"x" * 10, 3_000_000)
        assert list(reader.reading(Blob("none", "1" * 40))) == []
        for read, size in reader.reading(second):
            assert read(size) == b"second"


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a repository the answer is an error with a way on, not an empty scan."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(ConfigError, match="repository"):
        staged()


def test_without_git_the_error_says_so(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing git is the person's to mend, not a bug of ours."""
    monkeypatch.setenv("PATH", str(repo))
    with pytest.raises(ConfigError, match="git is not installed"):
        staged()
