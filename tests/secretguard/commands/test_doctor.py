"""`secretguard doctor`: faults are found, and protection is proved with the real hook and the real client."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from secretguard.agents import claude_client
from secretguard.agents.claude_launcher import launcher_path
from secretguard.agents.claude_surfaces import SURFACES
from secretguard.commands.doctor import doctor
from secretguard.commands.install import install


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings with the guard installed; no client on PATH."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setattr(claude_client, "every", list)
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    CliRunner().invoke(install, ["claude-code"], catch_exceptions=False)
    return tmp_path / "config" / "settings.json"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(doctor, list(arguments), catch_exceptions=False)


def test_a_good_installation_has_no_fault(settings: Path) -> None:
    """The hook process redacts a made-up secret; the missing client is a warning, not a success."""
    result = run()
    assert result.exit_code == 0, result.output
    assert "the hook process redacts a made-up secret" in result.output
    assert "nothing could be proved with it" in result.output


def test_no_installation_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Path) -> None:
    """Without hooks the exit code is 2 and the fix is named."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "empty"))
    result = run()
    assert result.exit_code == 2
    assert "secretguard install claude-code" in result.output


@pytest.mark.parametrize("where", ["user", "project", "local"])
def test_disabled_hooks_are_a_fault(settings: Path, tmp_path: Path, where: str) -> None:
    """`disableAllHooks` in any settings that count."""
    folder = tmp_path / "project" / ".claude"
    folder.mkdir()
    path = {"user": settings, "project": folder / "settings.json", "local": folder / "settings.local.json"}[where]
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**content, "disableAllHooks": True}))
    result = run()
    assert result.exit_code == 2
    assert "disableAllHooks" in result.output


def test_another_rewriting_hook_is_a_warning(settings: Path) -> None:
    """Two hooks that rewrite a result compete: the person is told."""
    content = json.loads(settings.read_text())
    content["hooks"]["PostToolUse"].append({"hooks": [{"type": "command", "command": "other-guard"}]})
    settings.write_text(json.dumps(content))
    result = run()
    assert result.exit_code == 0
    assert "other-guard" in result.output


def test_another_prefix_in_a_projects_settings_is_a_warning(settings: Path, tmp_path: Path) -> None:
    """A repository's settings come before the user's: theirs takes the place of ours."""
    local = tmp_path / "project" / ".claude" / "settings.json"
    local.parent.mkdir()
    local.write_text('{"env": {"CLAUDE_CODE_SHELL_PREFIX": "/tmp/other"}}')
    assert f"{local} sets a CLAUDE_CODE_SHELL_PREFIX that is not ours" in run().output


def test_a_weakened_entry_is_a_fault(settings: Path) -> None:
    """Without `onFailure` a crash would let the tool run."""
    content = json.loads(settings.read_text())
    del content["hooks"]["PreToolUse"][0]["hooks"][0]["onFailure"]
    settings.write_text(json.dumps(content))
    result = run()
    assert result.exit_code == 2
    assert "PreToolUse" in result.output


def test_a_launcher_that_does_nothing_is_a_fault(settings: Path) -> None:
    """A hook that answers without redacting is found by the canary."""
    launcher_path("user").write_text("#!/bin/sh\nexit 0\n")
    result = run()
    assert result.exit_code == 2
    assert "did not redact" in result.output


def test_it_says_which_layers_are_in_force(settings: Path) -> None:
    """The prefix, and the mod or denied reads, or neither."""
    assert "the shell prefix is in force" in run().output
    assert "neither the mod nor denied reads" in run().output
    CliRunner().invoke(install, ["claude-code", "--no-shell", "--deny-env"], catch_exceptions=False)
    assert "the shell prefix is not ours" in run().output
    assert "denied reads are in force" in run().output


@pytest.mark.claude
def test_the_real_client_proves_it(settings: Path, part: Callable[[str], Path]) -> None:
    """Made-up secrets on each surface of the real client: none leaves; without the prefix a failing command's does;
    unguarded doctor says so. None of it is in the person's record, but for the one event to the launcher itself."""
    client = str(part("claude"))
    result = run("--client", client)
    assert result.exit_code == 0, result.output
    assert result.output.count(": protected, it sent a placeholder") == len(SURFACES)
    records = Path(os.environ["SECRETGUARD_HOME"], "state", "audit", "journal.jsonl").read_text()
    assert records.count("guard:read:redacted") == 1
    CliRunner().invoke(install, ["claude-code", "--no-shell"], catch_exceptions=False)
    result = run("--client", client)
    assert result.output.count("partly protected, because what a failing command prints goes out") == len(SURFACES)
    settings.write_text("{}")
    result = run("--client", client)
    assert result.exit_code == 2
    assert result.output.count("not protected, it sent a made-up secret") == len(SURFACES)
