"""The baseline as git has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard import accepted_in_git
from secretguard.errors import ConfigError
from secretguard.source.git import Git
from tests.secretguard.githooks.repositories import LEAK, Repository


def test_in_the_index_and_at_a_commit(tmp_path: Path) -> None:
    """The first of the names that is there; the file of the work tree does not count; a folder is no file."""
    here = Repository(tmp_path / "here")
    here.past("a", LEAK)
    first = here.head()
    assert here.secretguard("baseline", "create", "accepted", "a").returncode == 0
    git = Git(str(here.folder))
    assert accepted_in_git.find(git, [""], ("none", "accepted")) == [("", "")]
    here.git("add", "accepted")
    none, (path, blob), last = accepted_in_git.find(git, [first, "", "f" * 40], ("none", "accepted"))
    assert path == "accepted"
    assert none == last == ("", "")
    baseline = accepted_in_git.read(git, (path, blob))
    assert baseline is not None
    assert baseline.path == "accepted"
    assert len(baseline.known) == 1
    assert accepted_in_git.read(git, ("", "")) is None


def test_the_configured_name(tmp_path: Path) -> None:
    """`git config secretguard.baseline` stands in place of the usual names."""
    here = Repository(tmp_path / "here")
    git = Git(str(here.folder))
    assert accepted_in_git.names(git) == accepted_in_git.NAMES
    here.git("config", "secretguard.baseline", "ci/accepted.json")
    assert accepted_in_git.names(git) == ("ci/accepted.json",)


def test_what_is_no_baseline_is_named(tmp_path: Path) -> None:
    """By its path in the repository, not by that of a copy."""
    here = Repository(tmp_path / "here")
    here.put("accepted", "{")
    git = Git(str(here.folder))
    with pytest.raises(ConfigError, match=r"^accepted:1"):
        accepted_in_git.read(git, accepted_in_git.find(git, [""], ("accepted",))[0])
