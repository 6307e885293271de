"""What `status` and `doctor` say about real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.agents.claude_checks import FAULT, GOOD
from secretguard.githooks import standing
from tests.secretguard.githooks.repositories import Repository, guarded


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))


def test_a_folder_without_a_repository(tmp_path: Path) -> None:
    """Nothing is said."""
    assert standing.line(str(tmp_path)) == ""
    assert list(standing.signs(str(tmp_path))) == []


def test_not_guarded_then_guarded(tmp_path: Path) -> None:
    """The way to guard it is told; then a made-up secret is stopped by the real hook command."""
    here = Repository(tmp_path / "here")
    assert "secretguard install git" in standing.line(str(here.folder))
    assert [sign.kind for sign in standing.signs(str(here.folder))] == [GOOD]
    here.secretguard("install", "git")
    assert standing.line(str(here.folder)).startswith("pre-commit, pre-merge-commit, pre-push guarded")
    [sign] = standing.signs(str(here.folder))
    assert (sign.kind, sign.text) == (GOOD, "git hooks: a commit of a made-up secret was stopped")


def test_each_way_of_not_working_is_a_fault(tmp_path: Path) -> None:
    """Not executable, missing, of another installation, passed over by core.hooksPath."""
    here = guarded(tmp_path / "here")
    (here.hooks / "pre-commit").chmod(0o644)
    (here.hooks / "pre-push").unlink()
    with (here.hooks / "pre-merge-commit").open("a") as file:
        file.write("exit 0\n")
    found = list(standing.signs(str(here.folder)))
    assert [sign.kind for sign in found] == [FAULT] * 3
    told = " ".join(sign.text for sign in found)
    assert "not executable" in told
    assert "pre-push is missing" in told
    assert "another installation" in told
    here.git("config", "core.hooksPath", "elsewhere")
    [sign] = standing.signs(str(here.folder))
    assert sign.kind == FAULT
    assert "core.hooksPath (local)" in sign.text
