"""What commits changed, from git's own answer: merges, deletions, submodules, names of any bytes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.errors import ConfigError
from secretguard.source.git import Git
from secretguard.source.git_changes import changes, fields, parsed
from tests.secretguard.history.repository import Repository


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def _told(repo: Repository, processes: int = 1) -> list[tuple[str, str, str, list[str]]]:
    names = {line.split()[0]: line.partition(" ")[2] for line in repo.git("log", "--format=%H %s").splitlines()}

    def content(blob: str) -> str:
        return repo.git("cat-file", "-p", blob).strip()

    told = changes(Git(str(repo.path)), list(names), processes)
    return [(names[one.commit], one.path, content(one.blob), sorted(map(content, one.before))) for one in told]


def test_changes(repo: Repository) -> None:
    """Added, modified and moved files with the blobs from and to; what is gone is left out."""
    repo.commit("a", "1\n", "add")
    repo.commit("a", "2\n", "modify")
    repo.git("mv", "a", "b")
    repo.git("commit", "-q", "-m", "move")
    repo.git("rm", "-q", "b")
    repo.git("commit", "-q", "-m", "remove")
    expected = [("move", "b", "2", []), ("modify", "a", "2", ["1"]), ("add", "a", "1", [])]
    assert [_told(repo, processes) for processes in (1, 2, 9)] == [expected] * 3


def test_merge(repo: Repository) -> None:
    """Of a merge, what is as in none of its parents, with both of their blobs."""
    repo.commit("a", "base\n", "base")
    repo.git("switch", "-q", "-c", "side")
    repo.write("theirs", "t\n")
    repo.commit("a", "side\n", "side")
    repo.git("switch", "-q", "main")
    repo.commit("a", "main\n", "main")
    repo.git("merge", "-q", "--no-commit", "-s", "ours", "side")
    repo.write("new", "n\n")
    repo.commit("a", "both\n", "merge")
    assert [one for one in _told(repo) if one[0] == "merge"] == [
        ("merge", "a", "both", ["main", "side"]),
        ("merge", "new", "n", []),
    ]


def test_submodule_and_link(repo: Repository) -> None:
    """A submodule has no blob here; a symbolic link has one; a file in the place of a submodule had none before."""
    repo.git("commit", "-q", "--allow-empty", "-m", "empty")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head()},sub")
    (repo.path / "link").symlink_to("target")
    repo.git("add", "link")
    repo.git("commit", "-q", "-m", "both")
    repo.git("rm", "-q", "--cached", "sub")
    repo.write("sub", "file\n")
    repo.git("add", "sub")
    repo.git("commit", "-q", "-m", "replace")
    assert _told(repo) == [("replace", "sub", "file", []), ("both", "link", "target", [])]


@pytest.mark.parametrize("name", [":colon", "new\nline", "\x01mark", "tab\t", " ", "é", "\udcff"])
def test_names(repo: Repository, name: str) -> None:
    """Names that look like git's own fields are names, and come back as they are."""
    import os

    (repo.path / os.fsdecode(name.encode("utf-8", "surrogateescape"))).write_text("x")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x")
    assert [one.path for one in changes(Git(str(repo.path)), [repo.head()])] == [name]


def test_git_that_fails(repo: Repository) -> None:
    """An answer that is not whole is an error with git's own words, not a short answer."""
    repo.commit("a", "1\n")
    with pytest.raises(ConfigError, match="git log: fatal"):
        list(changes(Git(str(repo.path)), [repo.head(), "1" * 40]))


@given(data=st.lists(st.sampled_from([b"\x01" + b"a" * 40, b":", b"::1 2", b":1 2 3 4 M", b"\n", b"x", b"\xff", b""])))
def test_whatever_it_answers(data: list[bytes]) -> None:
    """Fields in any order give changes or are refused; none is passed over."""
    try:
        told = list(parsed(iter(data)))
    except ConfigError:
        return
    assert {one.blob for one in told} <= {"4"}
    assert bool(told) == any(part == b":1 2 3 4 M" for part in data)


def test_fields() -> None:
    """Fields are cut at NUL, wherever the stream is cut; the last one needs none."""
    assert list(fields(io.BytesIO(b"a\0\0b"))) == [b"a", b"", b"b"]
