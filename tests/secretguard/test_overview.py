"""What `secretguard status` shows: layers, pause, accepted values, the session, the record."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from secretguard import overview
from secretguard.guard import given
from secretguard.places import state_dir
from secretguard.policy import kept
from tests.secretguard.guard.events import TOKEN, after, ask, before


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder, of a user whose client has no settings."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "client"))
    folder = tmp_path / "project"
    folder.mkdir()
    return folder.resolve()


def test_a_new_folder_has_nothing_to_show(project: Path) -> None:
    """No layer, no pause, nothing accepted, no session, an empty record."""
    found = overview.document(str(project))
    assert found["layers"] == {"hooks": [], "shell": [], "plugin": [], "git": ""}
    assert (found["pause"], found["accepted"], found["session"]) == (None, [], None)
    assert found["record"]["counts"] == {}


def test_layers_are_read_from_the_clients_settings(project: Path, tmp_path: Path) -> None:
    """The shell wrapper and the plugin are told by their names; another prefix is not ours."""
    folder = tmp_path / "client"
    folder.mkdir()
    known = {"env": {"CLAUDE_CODE_SHELL_PREFIX": "/x/secretguard-shell"}, "enabledPlugins": {"secretguard@local": True}}
    (folder / "settings.json").write_text(json.dumps(known))
    layers = overview.document(str(project))["layers"]
    assert (layers["shell"], layers["plugin"]) == (["user"], ["user"])
    (folder / "settings.json").write_text(json.dumps({"env": {"CLAUDE_CODE_SHELL_PREFIX": "/x/time"}}))
    layers = overview.document(str(project))["layers"]
    assert (layers["shell"], layers["plugin"]) == ([], [])


def test_the_session_is_shown_by_secret_with_its_worst_outcome(project: Path) -> None:
    """One row a secret, with how often it came; the value is nowhere in the document."""
    after(project, "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command="cat a")
    ask("PostToolUseFailure", project, tool_name="Bash", tool_input={"command": "x"}, error=TOKEN)
    found = overview.document(str(project))
    (secret,) = found["session"]["secrets"]
    assert (secret["outcome"], secret["times"], secret["masked"]) == ("left", 2, "ghp_…(40)")
    assert [row["event"] for row in found["record"]["last"]] == ["guard:read:redacted", "guard:read:exposed"]
    assert TOKEN not in json.dumps(found)


def test_another_projects_session_and_values_are_not_shown(project: Path, tmp_path: Path) -> None:
    """What was accepted elsewhere does not count here, so it is not listed here."""
    other = tmp_path / "other"
    other.mkdir()
    after(other.resolve(), "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command="cat a")
    entry = {"tag": "0" * 10, "digest": "0" * 64, "scope": "project", "project": str(other.resolve())}
    kept.write(os.path.join(state_dir(), "false-alarms"), {"entries": [entry, {**entry, "project": ""}]})
    found = overview.document(str(project))
    assert found["session"] is None
    assert [entry["project"] for entry in found["accepted"]] == [""]
    assert "digest" not in found["accepted"][0]


def test_inside_a_client_its_own_session_is_shown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the identifier that the client gives its programs, and no other session instead."""
    before(project, "Write", file_path="a.py", content=f"t = '{TOKEN}'")
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", next(given.sessions()).id)
    assert overview.document(str(project))["session"]["secrets"][0]["outcome"] == "did not leave"
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "another")
    assert overview.document(str(project))["session"] is None


def test_settings_that_cannot_be_read_show_no_layers(project: Path, tmp_path: Path) -> None:
    """What is broken guards nothing; `doctor` says what is wrong with it."""
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / "settings.json").write_text('{"env": ')
    assert overview.document(str(project))["layers"]["shell"] == []
