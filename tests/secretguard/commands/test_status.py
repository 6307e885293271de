"""`secretguard status`: one screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from secretguard import person
from secretguard.commands.accept import accept
from secretguard.commands.install import install
from secretguard.commands.pause import pause
from secretguard.commands.status import status
from secretguard.guard import given
from tests.secretguard.guard.events import OTHER, TOKEN, after, before


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


def test_it_shows_how_the_guard_is_lived_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause, what is accepted, the secrets of the session with their tags, and the last records; no value."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(person, "must_be_there", lambda command: None)
    here = Path.cwd()
    after(here, "Bash", {"stdout": f"{TOKEN} {OTHER}", "stderr": "", "interrupted": False}, command="make env")
    tags = [row["tag"] for row in next(given.sessions()).rows]
    CliRunner().invoke(accept, [tags[0], "--by", "dev", "--why", "made up"], catch_exceptions=False)
    CliRunner().invoke(pause, ["10m", "--by", "dev", "--why", "a demo"], catch_exceptions=False)
    said = CliRunner().invoke(status, catch_exceptions=False).output
    assert "PAUSED until" in said
    assert "session:     secrets told: 2, seen 2 times" in said
    assert f"  {tags[1]}  did not leave    1 x  GitLab token in the output of `make env`" in said
    assert f"  {tags[0]}  github-token  ghp_…(40)  {here}  [dev: made up]" in said
    assert "guard:read:redacted  make env  did not leave" in said
    found = json.loads(CliRunner().invoke(status, ["--format", "json"], catch_exceptions=False).output)
    assert (found["pause"]["why"], len(found["accepted"]), len(found["session"]["secrets"])) == ("a demo", 1, 2)
    assert TOKEN not in said + json.dumps(found)
