"""Real clones of real repositories that mean no good."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from secretguard.errors import ConfigError, GuardError
from secretguard.fleet import processes
from secretguard.fleet.clone import clone
from tests.secretguard.githooks.repositories import Repository


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    processes.go()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))


def ask(place: str, *arguments: str) -> str:
    return subprocess.run(
        ["git", "--git-dir", place, *arguments], capture_output=True, text=True, check=True, timeout=30
    ).stdout


def test_a_tip_or_everything(tmp_path: Path) -> None:
    """One commit of one branch for the files; every ref for the history. Nothing is written out as a file."""
    here = Repository(tmp_path / "here")
    here.past("a", "1\n")
    here.past("a", "2\n")
    here.git("update-ref", "refs/notes/x", "HEAD")
    for whole, commits in ((False, 1), (True, 2)):
        folder = tmp_path / f"scratch{whole}"
        folder.mkdir()
        place = clone(f"file://{here.folder}", str(folder), whole, 60)
        assert len(ask(place, "rev-list", "--all").split()) == commits
        assert ("refs/notes/x" in ask(place, "for-each-ref")) == whole
        assert not list(Path(place).rglob("a"))


def test_templates_and_hooks_of_the_user_are_left_out(tmp_path: Path) -> None:
    """A template folder would put hooks into each clone."""
    (tmp_path / "template" / "hooks").mkdir(parents=True)
    hook = tmp_path / "template" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    (tmp_path / "gitconfig").write_text(f"[init]\n\ttemplateDir = {tmp_path}/template\n")
    here = Repository(tmp_path / "here")
    here.past("a", "1\n")
    (tmp_path / "scratch").mkdir()
    place = clone(f"file://{here.folder}", str(tmp_path / "scratch"), True, 60)
    assert not (Path(place) / "hooks" / "post-checkout").exists()
    assert not (tmp_path / "ran").exists()


def test_variables_of_another_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIT_DIR of a hook that this runs in does not lead it astray."""
    here = Repository(tmp_path / "here")
    here.past("a", "1\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "objects"))
    (tmp_path / "scratch").mkdir()
    clone(f"file://{here.folder}", str(tmp_path / "scratch"), False, 60)
    assert not (tmp_path / "objects").exists()


def test_what_cannot_be_cloned(tmp_path: Path) -> None:
    """git's own last words are told; a program named as a transport is not run."""
    (tmp_path / "scratch").mkdir()
    for url in (f"file://{tmp_path}/none", f"ext::sh -c touch% {tmp_path}/ran"):
        with pytest.raises(ConfigError, match="git clone: "):
            clone(url, str(tmp_path / "scratch"), False, 60)
    assert not (tmp_path / "ran").exists()


def test_a_server_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a deadline, and ssh is never asked for a password: nobody is there to type it."""
    program = tmp_path / "ssh"
    program.write_text("#!/bin/sh\nsleep 300\n")
    program.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", os.fspath(program))
    (tmp_path / "scratch").mkdir()
    with pytest.raises(GuardError, match="took longer"):
        clone("git@example.test:x", str(tmp_path / "scratch"), False, 1)
