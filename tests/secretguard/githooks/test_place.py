"""Where git looks for hooks, asked of real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.githooks import place
from tests.secretguard.githooks.repositories import Repository, bare


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def test_a_plain_repository_a_linked_tree_a_bare_one(tmp_path: Path) -> None:
    """The folder is that of the common git directory, seen from anywhere inside."""
    here = Repository(tmp_path / "a b")
    here.past("deep/file", "x\n")
    here.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    own = str(here.hooks)
    for seen in (here.folder, here.folder / "deep", tmp_path / "linked"):
        found = place.find(str(seen))
        assert (found.folder, found.scope) == (own, "")
        assert place.writable(found) == own
    served = place.find(str(bare(tmp_path / "served")))
    assert served.folder == str(tmp_path / "served" / "hooks")


def test_a_configured_folder(tmp_path: Path) -> None:
    """Relative to the top of the work tree; its scope is told; what a command line says does not last."""
    here = Repository(tmp_path / "here")
    here.past("deep/file", "x\n")
    here.git("config", "core.hooksPath", "tools/hooks")
    found = place.find(str(here.folder / "deep"))
    assert (found.folder, found.scope) == (str(here.folder / "tools" / "hooks"), "local")
    with pytest.raises(ConfigError, match="tools/hooks"):
        place.writable(found)


def test_a_home_folder_is_written_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~/` in a global setting is the user's home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "gitconfig").write_text("[core]\n\thooksPath = ~/hooks\n")
    found = place.find(str(Repository(tmp_path / "here").folder))
    assert (found.folder, found.scope) == (str(tmp_path / "hooks"), "global")


def test_no_repository(tmp_path: Path) -> None:
    """It is an error that names what is missing."""
    with pytest.raises(ConfigError, match="git"):
        place.find(str(tmp_path))


def test_submodules_within_submodules(tmp_path: Path) -> None:
    """All that are checked out are found; one that is not is left out."""
    inner, outer, here = (Repository(tmp_path / name) for name in ("inner", "outer", "here"))
    inner.past("a", "a\n")
    allow = ("-c", "protocol.file.allow=always", "submodule", "--quiet")
    outer.git(*allow, "add", str(inner.folder), "in")
    outer.git("commit", "-qm", "x")
    here.git(*allow, "add", str(outer.folder), "out")
    assert place.submodules(str(here.folder)) == [str(here.folder / "out")]
    here.git(*allow, "update", "--init", "--recursive")
    assert place.submodules(str(here.folder)) == [str(here.folder / "out"), str(here.folder / "out" / "in")]
