"""`secretguard uninstall claude-code`: the settings as they were, and a record of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from secretguard.commands.install import install
from secretguard.commands.uninstall import uninstall
from tests.secretguard.guard.events import records

ORIGINAL = b'{ "model": "x",\n "hooks": {} }'


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings, with the guard installed."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    (tmp_path / "settings.json").write_bytes(ORIGINAL)
    CliRunner().invoke(install, ["claude-code"], catch_exceptions=False)
    return tmp_path / "settings.json"


def test_the_bytes_come_back_and_it_is_recorded(settings: Path) -> None:
    """Untouched since: byte for byte."""
    assert settings.read_bytes() != ORIGINAL
    assert CliRunner().invoke(uninstall, ["claude-code"], catch_exceptions=False).exit_code == 0
    assert settings.read_bytes() == ORIGINAL
    assert records("guard:client:removed")


def test_print_changes_nothing(settings: Path) -> None:
    """With `--print` the diff is shown and that is all."""
    before = settings.read_bytes()
    said = CliRunner().invoke(uninstall, ["claude-code", "--print"], catch_exceptions=False).output
    assert '"PreToolUse": [' in said
    assert settings.read_bytes() == before
    assert not records("guard:client:removed")


def test_without_an_installation_there_is_nothing_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file: said, not an error, and none is made."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "none"))
    result = CliRunner().invoke(uninstall, ["claude-code"], catch_exceptions=False)
    assert "nothing to change" in result.output
    assert not (tmp_path / "none").exists()
