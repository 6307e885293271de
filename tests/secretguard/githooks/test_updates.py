"""Lines of a push, and the commits that they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.errors import GuardError
from secretguard.githooks import updates
from secretguard.githooks.updates import Update
from secretguard.source.git import Git
from tests.secretguard.githooks.repositories import Repository

OLD, NEW, ZERO = "a" * 40, "b" * 40, "0" * 40
IDS = st.sampled_from([OLD, NEW, "c" * 64])
REFS = st.text(st.characters(codec="utf-8", exclude_characters=" \n\0"), min_size=1, max_size=30)


def test_lines_as_git_says_them() -> None:
    """New, changed and deleted refs; deletions bring nothing."""
    pushed = (
        f"refs/heads/a {NEW} refs/heads/b {OLD}\nHEAD {NEW} refs/heads/c {ZERO}\n(delete) {ZERO} refs/heads/d {OLD}\n"
    )
    wanted = [Update("refs/heads/b", NEW, OLD), Update("refs/heads/c", NEW, "")]
    assert updates.from_push(pushed.encode()) == wanted
    received = f"{OLD} {NEW} refs/heads/b\n{ZERO} {NEW} refs/heads/c\n{OLD} {ZERO} refs/heads/d\n"
    assert updates.from_receive(received.encode()) == wanted
    assert updates.from_push(b"") == updates.from_receive(b"") == []


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n\0"), min_size=1, max_size=40), IDS, REFS, IDS)
def test_whatever_was_typed(typed: str, new: str, ref: str, old: str) -> None:
    """The person's own words may be anything; ids and the receiver's ref come out as they went in."""
    assert updates.from_push(f"{typed} {new} {ref} {old}\n".encode()) == [Update(ref, new, old)]
    assert updates.from_receive(f"{old} {new} {ref}\n".encode()) == [Update(ref, new, old)]


@given(st.binary(min_size=1, max_size=200))
def test_bytes_that_are_nobodys(data: bytes) -> None:
    """Anything else is refused or empty: never a crash, never a ref without a whole id."""
    for read in (updates.from_push, updates.from_receive):
        try:
            found = read(data)
        except GuardError:
            continue
        assert all(len(one.new) in (40, 64) for one in found)


def test_too_much() -> None:
    """There is a bound."""
    with pytest.raises(GuardError, match="smaller steps"):
        updates.from_push(b"x" * (updates.LARGEST + 1))


def test_which_commits_are_new(tmp_path: Path) -> None:
    """Reached from the tips, through tags, and from nothing that the receiver has; unknown objects are passed over."""
    here = Repository(tmp_path / "here")
    one, two, three = (here.past("a", f"{number}\n") for number in range(3))
    here.git("tag", "-a", "v1", "-m", "x", three)
    tag = here.git("rev-parse", "v1")
    git = Git(str(here.folder))
    assert updates.present(git, [tag, OLD, one]) == [three, one]
    assert updates.commits(git, [three], [], "") == [three, two, one]
    assert updates.commits(git, [three], [two], "") == [three]
    assert updates.commits(git, [three], [], "--all") == []
    here.git("update-ref", "refs/remotes/origin/main", one)
    assert updates.commits(git, [three], [], "--remotes=origin") == [three, two]
    assert updates.commits(git, [], [], "--all") == []


def test_refs_that_name_no_commit(tmp_path: Path) -> None:
    """A file, a folder and a tag of one give their files; a commit gives none."""
    here = Repository(tmp_path / "here")
    commit = here.past("in/file", "x\n")
    blob, tree = here.git("rev-parse", "HEAD:in/file"), here.git("rev-parse", "HEAD^{tree}")
    git = Git(str(here.folder))
    assert updates.loose(git, [Update("refs/heads/a", commit, "")]) == []
    assert [one.object_id for one in updates.loose(git, [Update("refs/x", blob, "")])] == [blob]
    assert blob in [one.object_id for one in updates.loose(git, [Update("refs/x", tree, "")])]
