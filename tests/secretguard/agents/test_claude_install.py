"""Installing for real, in a home of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from secretguard.agents.claude_install import install, plan_install, plan_uninstall, uninstall
from secretguard.agents.claude_launcher import launcher_path
from secretguard.errors import ConfigError


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings file, not there yet."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path / "config" / "settings.json"


def put(folder: Path) -> None:
    install(plan_install("user", folder), "user")


def take(folder: Path) -> None:
    uninstall(plan_uninstall("user", folder), "user")


@pytest.mark.parametrize(
    "before",
    [b'{"model":"x"}', b'{\n   "odd":   1 }\n\n', b'{"hooks": {"Stop": [{"hooks": []}]}}', b"{}", b"\xef\xbb\xbf{}"],
)
def test_the_bytes_come_back(settings: Path, tmp_path: Path, before: bytes) -> None:
    """However the file was written, uninstalling gives it back byte for byte, also after installing twice."""
    settings.parent.mkdir()
    settings.write_bytes(before)
    put(tmp_path)
    assert settings.read_bytes() != before
    put(tmp_path)
    take(tmp_path)
    assert settings.read_bytes() == before
    assert not launcher_path("user").exists()


def test_a_file_that_was_not_there_is_gone_again(settings: Path, tmp_path: Path) -> None:
    """What installing made, uninstalling removes."""
    put(tmp_path)
    assert settings.stat().st_mode & 0o777 == 0o600
    take(tmp_path)
    assert not settings.exists()


def test_a_touched_file_loses_our_entries_alone(settings: Path, tmp_path: Path) -> None:
    """A change made in between is kept."""
    settings.parent.mkdir()
    settings.write_text('{"model": "x"}')
    put(tmp_path)
    changed = json.loads(settings.read_text())
    changed["model"] = "y"
    settings.write_text(json.dumps(changed))
    take(tmp_path)
    assert json.loads(settings.read_text()) == {"model": "y"}


def test_mode_and_link_of_the_file_stay(settings: Path, tmp_path: Path) -> None:
    """A settings file kept elsewhere behind a link stays there, with its mode."""
    settings.parent.mkdir()
    kept = tmp_path / "dotfiles.json"
    kept.write_text("{}")
    kept.chmod(0o640)
    settings.symlink_to(kept)
    put(tmp_path)
    assert settings.is_symlink()
    assert "hooks" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o640


def test_a_broken_file_is_not_touched(settings: Path, tmp_path: Path) -> None:
    """Nothing is written before the plan is whole."""
    settings.parent.mkdir()
    settings.write_text("{")
    with pytest.raises(ConfigError):
        put(tmp_path)
    assert settings.read_text() == "{"
    assert not launcher_path("user").exists()


def test_the_launcher_is_private_and_refuses_without_its_python(settings: Path, tmp_path: Path) -> None:
    """Where the interpreter is gone: exit 2, an empty stdout, and how to mend it."""
    put(tmp_path)
    launcher = launcher_path("user")
    assert launcher.stat().st_mode & 0o777 == 0o700
    launcher.write_text(launcher.read_text().replace("[ -x ", "[ -x /gone"))
    done = subprocess.run([launcher, "claude-code"], input=b"{}", capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"install" in done.stderr


def test_what_is_only_observed_is_never_refused(settings: Path, tmp_path: Path) -> None:
    """A refused Stop would make the agent go on: status 0 without an interpreter, and where it cannot answer."""
    put(tmp_path)
    launcher = launcher_path("user")
    done = subprocess.run(
        [launcher, "claude-code", "observe"], input=b"{", capture_output=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"")
    launcher.write_text(launcher.read_text().replace("[ -x ", "[ -x /gone"))
    done = subprocess.run(
        [launcher, "claude-code", "observe"], input=b"{}", capture_output=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_damaged_way_back_is_not_trusted(settings: Path, tmp_path: Path) -> None:
    """Without a usable record, only our own entries are taken out."""
    settings.parent.mkdir()
    settings.write_text('{"model": "x"}')
    put(tmp_path)
    for record in (launcher_path("user").parent.parent / "clients").iterdir():
        record.write_text("damaged")
    take(tmp_path)
    assert json.loads(settings.read_text()) == {"model": "x"}


def test_project_settings_are_the_projects(tmp_path: Path) -> None:
    """The project's file is changed and no other."""
    install(plan_install("project", tmp_path), "project")
    assert "hooks" in json.loads((tmp_path / ".claude" / "settings.json").read_text())
