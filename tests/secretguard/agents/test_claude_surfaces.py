"""The surfaces of the client, with stand-ins; `tests/secretguard/commands/test_doctor.py` has the real client."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.agents import claude_surfaces
from secretguard.agents.claude_install import install, plan_install
from secretguard.agents.claude_launcher import launcher_path
from secretguard.agents.claude_surfaces import CHANNELS, HEADLESS, STREAM, SURFACES, TERMINAL, Proof, prove
from secretguard.errors import SecretguardError


def stand_in(folder: Path, script: str) -> Path:
    """A program called `claude`."""
    path = folder / "claude"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("surface", [HEADLESS, STREAM])
def test_a_client_that_does_nothing_proves_nothing(tmp_path: Path, surface: str) -> None:
    """Nothing left, and nothing was held back either: that is no protection."""
    assert prove(stand_in(tmp_path, "cat >/dev/null\n"), surface, {}) == Proof((), ())


def test_a_terminal_that_ends_at_once_is_said(tmp_path: Path) -> None:
    """Not a proof, not a hang."""
    with pytest.raises(SecretguardError, match="in a terminal"):
        prove(stand_in(tmp_path, "exit 0\n"), TERMINAL, {})


@pytest.mark.parametrize("surface", SURFACES)
def test_a_client_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, surface: str) -> None:
    """Each session has its deadline."""
    monkeypatch.setattr(claude_surfaces, "SECONDS", 0.5)
    with pytest.raises(SecretguardError):
        prove(stand_in(tmp_path, "exec sleep 60\n"), surface, {})


def test_secrets_that_are_sent_are_told_apart(tmp_path: Path) -> None:
    """Each channel has a secret of its own: one that leaves does not count for the others."""
    send = "import sys,urllib.request as u;u.urlopen(u.Request(sys.argv[1]+'/v1/messages',sys.stdin.buffer.read()))"
    script = f'/usr/bin/python3 -c "{send}" "$ANTHROPIC_BASE_URL" <failing.txt\n'
    assert prove(stand_in(tmp_path, script), HEADLESS, {}) == Proof(("failing",), ())
    assert len(set(claude_surfaces._plant(tmp_path).values())) == len(CHANNELS)


def test_programs_keep_their_state_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies of ours take the place of the installed ones, in either form; a hook of somebody else stays."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    install(plan_install("user", tmp_path), "user")
    settings = json.loads((tmp_path / "config" / "settings.json").read_text())
    launcher = launcher_path("user")
    settings["hooks"]["Stop"].append({"hooks": [{"command": f"{launcher} claude-code"}, {"command": "other"}]})
    changed = claude_surfaces._elsewhere(settings, tmp_path / "programs", tmp_path / "state")
    copy = tmp_path / "programs" / launcher.name
    assert str(launcher) not in json.dumps(changed)
    assert changed["hooks"]["Stop"][1]["hooks"] == [{"command": f"{copy} claude-code"}, {"command": "other"}]
    assert copy.read_text().splitlines()[1] == f"SECRETGUARD_HOME={tmp_path}/state; export SECRETGUARD_HOME"
    assert copy.read_text().count("SECRETGUARD_HOME=") == 1
    assert str(launcher) in (tmp_path / "config" / "settings.json").read_text()
