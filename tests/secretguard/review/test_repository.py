"""Questions to real git, and how its failures are told."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from secretguard.errors import GuardError
from secretguard.review import repository
from secretguard.review.repository import Repository, is_oid, is_zero
from tests.secretguard.review.gated import person


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    who = person(tmp_path, tmp_path / "none", "a@example.com")
    who.commit("one", "1\n")
    who.commit("ünï cødé\t", "2\n")
    return Repository(str(who.clone / ".git"))


def test_touched_paths_of_a_new_branch_are_all_its_files(work: Repository) -> None:
    """With no old tip every file of the new one counts, odd names included."""
    assert work.touched_paths("0" * 40, work.commit_of("main")) == ["one", "ünï cødé\t"]


def test_touched_paths_are_those_of_the_range(work: Repository) -> None:
    """With an old tip only the later commit's files count."""
    assert work.touched_paths(work.commit_of("main~1"), work.commit_of("main")) == ["ünï cødé\t"]


def test_failures_of_git_are_guard_errors(work: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad object, an oversized blob, a slow or missing git: each ends in GuardError, never in silence."""
    with pytest.raises(GuardError):
        work.commit_of("nothing")
    with pytest.raises(GuardError, match="larger"):
        work.blob("main:one", 1)
    monkeypatch.setattr(repository, "MAX_COMMITS", 1)
    with pytest.raises(GuardError, match="more than 1 commits"):
        work.new_commits("0" * 40, "main")

    def slow(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("git", 1)

    monkeypatch.setattr(subprocess, "run", slow)
    with pytest.raises(GuardError, match="longer than"):
        work.refs("refs/")

    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", missing)
    with pytest.raises(GuardError, match="not found"):
        work.refs("refs/")


def test_option_like_names_are_not_options(work: Repository) -> None:
    """A name that starts with a dash reaches git as a name."""
    with pytest.raises(GuardError):
        work.commit_of("--all")


@pytest.mark.parametrize(("text", "good"), [("0" * 40, True), ("a" * 64, True), ("A" * 40, False), ("a" * 41, False)])
def test_object_ids_are_full_and_lower_case(text: str, good: bool) -> None:
    """Only complete SHA-1 and SHA-256 ids are taken."""
    assert is_oid(text) is good
    assert is_zero("0" * 40)
    assert not is_zero("0" * 39 + "1")
