"""`secretguard install claude-code`: what it shows, writes and records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from secretguard.commands.install import install
from secretguard.errors import ConfigError
from tests.secretguard.guard.events import TOKEN, records


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings file."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    return tmp_path / "settings.json"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(install, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_it_shows_the_change_writes_it_and_records_it(settings: Path) -> None:
    """The diff is printed, the hooks are in the file, the record is in the journal."""
    said = run("claude-code")
    assert '+    "PreToolUse": [' in said
    assert "PostToolUse" in json.loads(settings.read_text())["hooks"]
    assert records("guard:client:installed")[0]["scope"] == "user"
    assert "nothing to change" in run("claude-code")


def test_print_changes_nothing(settings: Path) -> None:
    """With `--print` no file is written and nothing is recorded."""
    assert "PreToolUse" in run("claude-code", "--print")
    assert not settings.exists()
    assert records() == []


def test_what_to_deploy_is_printed_and_nothing_is_changed(settings: Path) -> None:
    """With a way of delivery the text alone goes to stdout, what to do with it to stderr."""
    result = CliRunner().invoke(install, ["claude-code", "--scope", "managed", "--print", "server"])
    assert result.exit_code == 0
    assert "PreToolUse" in json.loads(result.stdout)["hooks"]
    assert "note: paste it into the console" in result.stderr
    assert not settings.exists()
    assert records() == []


def test_what_to_deploy_needs_the_managed_scope(settings: Path) -> None:
    """A user's own settings are not deployed."""
    result = CliRunner().invoke(install, ["claude-code", "--print", "linux"])
    assert result.exit_code == 2
    assert "add --scope managed" in result.stderr


def test_a_secret_in_the_settings_is_not_printed(settings: Path) -> None:
    """Settings may hold keys, and the one who reads the diff may be an agent."""
    settings.write_text('{"env": {"TOKEN": "' + TOKEN + '"}}')
    assert TOKEN not in run("claude-code")
    assert TOKEN in settings.read_text()


def test_a_broken_file_is_refused(settings: Path) -> None:
    """The error names file and line; nothing is written."""
    settings.write_text("{\n,")
    with pytest.raises(ConfigError, match=r"settings\.json:2"):
        run("claude-code")
    assert settings.read_text() == "{\n,"
    assert records() == []


def test_the_other_targets_are_listed() -> None:
    """`install --help` names every target without loading what it does not need."""
    said = run("--help")
    assert "claude-code" in said
    assert "git" in said
