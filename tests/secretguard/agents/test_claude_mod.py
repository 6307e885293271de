"""The plugin as files: whole, private, and by itself of no use and no harm."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from secretguard.agents import claude_mod

LAUNCHER = Path('/home/it\'s "me"/hook')


def test_the_copy_names_the_launcher(tmp_path: Path) -> None:
    """Whatever characters its path has; private files; the same again when repeated."""
    folder = tmp_path / "plugin"
    for _ in range(2):
        claude_mod.write_plugin(folder, LAUNCHER)
    place = (folder / claude_mod.PLACE).read_text()
    assert json.loads(place.partition("= ")[2].rstrip(";\n")) == str(LAUNCHER)
    assert claude_mod.is_plugin(folder)
    assert {path.stat().st_mode & 0o077 for path in folder.rglob("*")} == {0}


def test_what_is_shipped_names_none() -> None:
    """And so refuses everything."""
    assert 'LAUNCHER = ""' in (claude_mod.SOURCE / claude_mod.PLACE).read_text()
    assert claude_mod.is_plugin(claude_mod.SOURCE)


def test_every_file_is_among_those_that_are_copied() -> None:
    """A module that is left behind would be a mod that does not load: a wall that is not there."""
    there = {str(path.relative_to(claude_mod.SOURCE)) for path in claude_mod.SOURCE.rglob("*") if path.is_file()}
    assert there == {*claude_mod.FILES, claude_mod.PLACE}


def test_only_the_plugin_is_removed(tmp_path: Path) -> None:
    """A folder that is none stays."""
    claude_mod.write_plugin(tmp_path / "plugin", LAUNCHER)
    claude_mod.remove_plugin(tmp_path / "plugin")
    assert not (tmp_path / "plugin").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine").write_text("x")
    claude_mod.remove_plugin(other)
    assert (other / "mine").exists()


def test_each_handler_refuses_when_it_fails() -> None:
    """The client skips a handler that fails, unless it has a `.catch`; only a mention that was passed on goes on."""
    text = (claude_mod.SOURCE / "hooks" / "register.js").read_text()
    handlers = text.split("\n  on(")[1:]
    gating = [handler for handler in handlers if not handler.startswith('"session.start"')]
    assert len(gating) == 5
    assert all("}).catch(" in handler for handler in gating)


@pytest.mark.claude
@pytest.mark.slow
def test_the_client_finds_it_valid(part: Callable[[str], Path], tmp_path: Path) -> None:
    """By its own check, as installed and as shipped."""
    claude_mod.write_plugin(tmp_path / "plugin", LAUNCHER)
    for folder in (tmp_path / "plugin", claude_mod.SOURCE):
        command = [part("claude"), "plugin", "validate", "--strict", folder]
        environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout
