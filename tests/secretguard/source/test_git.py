"""git as a source: errors in its own words with a way on, deadlines, no transport."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.source import git as module
from secretguard.source.git import Git


def test_no_repository(tmp_path: Path) -> None:
    """git's first line and what to do."""
    with pytest.raises(ConfigError, match="not a git repository") as raised:
        Git(str(tmp_path)).ask("rev-parse", "--git-dir")
    assert raised.value.fix == "run it inside a git repository"


def test_git_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="git is not installed"):
        Git().ask("version")


def test_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A git that never answers is given up."""
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nsleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(module, "DEADLINE", 0.2)
    with pytest.raises(ConfigError, match="did not answer"):
        Git().run("version")


def test_no_transport(tmp_path: Path) -> None:
    """Nothing is fetched, not even from a folder."""
    Git(str(tmp_path)).ask("init", "-q", str(tmp_path / "a"))
    assert Git(str(tmp_path / "a")).run("fetch", f"file://{tmp_path}/a").returncode != 0
