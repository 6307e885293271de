"""`secretguard status`: one screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from secretguard.commands.install import install
from secretguard.commands.status import status
from tests.secretguard.guard.events import before


def test_it_shows_installation_policy_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not guarded, then guarded; what the guard did is counted."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    assert "not guarded" in CliRunner().invoke(status, catch_exceptions=False).output
    CliRunner().invoke(install, ["claude-code"], catch_exceptions=False)
    before(tmp_path, "Bash", command="env")
    said = CliRunner().invoke(status, catch_exceptions=False).output
    assert "guarded (user settings)" in said
    assert "laptop" in said
    assert "development" in said
    assert "1 guard:command:denied" in said
