"""Each test has a home of its own; pack and policy table are built once and copied in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from secretguard.pack import open_engine
from secretguard.policy.compiled import load
from tests.secretguard.guard.restoring import Place


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with pack and policy table."""
    home = tmp_path_factory.mktemp("built")
    before = os.environ.get("SECRETGUARD_HOME")
    os.environ["SECRETGUARD_HOME"] = str(home)
    try:
        open_engine()
        load()
    finally:
        if before is None:
            del os.environ["SECRETGUARD_HOME"]
        else:
            os.environ["SECRETGUARD_HOME"] = before
    return home / "cache"


@pytest.fixture(autouse=True)
def warm(built: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's own home, ready to answer; the client's settings are in none of this machine's."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(own_home / "claude"))
    shutil.copytree(built, own_home / "cache")
    return own_home


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder.resolve()


@pytest.fixture
def place(project: Path) -> Place:
    """A project with one file that holds a secret."""
    return Place(project)
