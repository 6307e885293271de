"""Changes of the client's settings while it runs, and the start of a session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.agents.claude_install import install, plan_install
from secretguard.agents.claude_layers import Layers
from secretguard.guard.hook import respond
from secretguard.guard.settings import record_path
from tests.secretguard.guard.events import ask, payload, records


def changed(project: Path, content: str | None) -> dict[str, str]:
    path = project / "settings.json"
    if content is not None:
        path.write_text(content)
    answer = ask("ConfigChange", project, source="local_settings", file_path=str(path))
    assert answer.status == 0
    return json.loads(answer.stdout) if answer.stdout else {}


@pytest.mark.parametrize(
    "content", [None, "", "{}", '{"model": "x"}', '{"disableAllHooks": false}', '\ufeff{"hooks": {}}']
)
def test_a_harmless_change_takes_effect(project: Path, content: str | None) -> None:
    """Most changes are none of the guard's business."""
    assert changed(project, content) == {}


@pytest.mark.parametrize(
    "content", ['{"disableAllHooks": true}', '{"disableAllHooks": 1}', "{", "[]", '{"a": 1, "a": 2}']
)
def test_a_change_that_disables_the_guard_does_not(project: Path, content: str) -> None:
    """Hooks stay on; what cannot be read counts as switching them off."""
    assert changed(project, content)["decision"] == "block"
    assert records("guard:settings:denied")


@pytest.mark.parametrize("content", ["{}", '{"hooks": {}}', ""])
def test_settings_that_lost_the_guard_do_not_take_effect(project: Path, content: str) -> None:
    """Where the guard was installed, a change that takes its hooks out is refused while the session runs."""
    path = project / ".claude" / "settings.json"
    install(plan_install("project", project), "project")
    assert ask("ConfigChange", project, file_path=str(path)).stdout == ""
    path.write_text(content)
    assert json.loads(ask("ConfigChange", project, file_path=str(path)).stdout)["decision"] == "block"
    path.unlink()
    assert json.loads(ask("ConfigChange", project, file_path=str(path)).stdout)["decision"] == "block"


def test_a_session_starts_without_a_word(project: Path) -> None:
    """A current client needs no warning."""
    assert ask("SessionStart", project, source="startup").stdout == ""


@pytest.mark.parametrize(("version", "word"), [("2-1-120", "redact"), ("2-1-200", "onFailure")])
def test_an_old_client_is_named_at_the_start(project: Path, version: str, word: str) -> None:
    """A version that cannot be protected fully is told to the person."""
    answer = respond(payload("SessionStart", project, source="startup"), {"AI_AGENT": f"claude-code_{version}_x"})
    assert word in json.loads(answer.stdout)["systemMessage"]


def test_settings_too_large_to_look_at_do_not_take_effect(project: Path) -> None:
    """What a change would do cannot be told: the guard stays on."""
    path = project / "settings.json"
    with path.open("wb") as file:
        file.truncate(33 * 1024 * 1024)
    answer = ask("ConfigChange", project, source="local_settings", file_path=str(path))
    assert json.loads(answer.stdout)["decision"] == "block"


@pytest.mark.parametrize("event", ["PreToolUse", "PostToolUse", "UserPromptSubmit", "ConfigChange"])
def test_settings_that_lost_one_of_the_hooks_do_not_take_effect(project: Path, event: str) -> None:
    """One event without its hook, or with one for some tools alone, is a hole like all of them."""
    path = project / ".claude" / "settings.json"
    install(plan_install("project", project), "project")
    whole = json.loads(path.read_text())
    narrowed = {**whole, "hooks": {**whole["hooks"], event: [{**whole["hooks"][event][0], "matcher": "Write"}]}}
    without = {**whole, "hooks": {name: groups for name, groups in whole["hooks"].items() if name != event}}
    for settings in (narrowed, without, {**without, "env": {"A": "secretguard-claude-code"}}):
        path.write_text(json.dumps(settings))
        assert event in json.loads(ask("ConfigChange", project, file_path=str(path)).stdout)["reason"]
    path.write_text(json.dumps({"model": "x", **whole}))
    assert ask("ConfigChange", project, file_path=str(path)).stdout == ""


def test_only_the_very_hook_that_was_installed_counts(project: Path) -> None:
    """A program of the same name elsewhere, or a weaker entry, is not the guard; a damaged record is no way round."""
    path = project / ".claude" / "settings.json"
    install(plan_install("project", project), "project")
    whole = json.loads(path.read_text())
    for key, value in (
        ("command", "/tmp/secretguard-claude-code"),
        ("args", ["claude-code", "observe"]),
        ("timeout", 1),
    ):
        changed = json.loads(path.read_text())
        changed["hooks"]["PreToolUse"][0]["hooks"][0][key] = value
        path.write_text(json.dumps(changed))
        assert "PreToolUse" in json.loads(ask("ConfigChange", project, file_path=str(path)).stdout)["reason"]
        path.write_text(json.dumps(whole))
    Path(record_path(str(path))).write_text("damaged")
    assert ask("ConfigChange", project, file_path=str(path)).stdout == ""
    path.write_text("{}")
    assert json.loads(ask("ConfigChange", project, file_path=str(path)).stdout)["decision"] == "block"


def test_what_was_put_in_beside_the_hooks_stays(project: Path) -> None:
    """A member or an element of the installation that is gone or another is refused by its name."""
    path = project / ".claude" / "settings.json"
    layers = Layers(deny_env=True)
    install(plan_install("project", project, layers), "project")
    assert ask("ConfigChange", project, file_path=str(path)).stdout == ""
    for place, changed in (("env.CLAUDE", {"env": {}}), ("permissions.deny", {"permissions": {"deny": ["Read(b)"]}})):
        path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))
        assert place in json.loads(ask("ConfigChange", project, file_path=str(path)).stdout)["reason"]
        install(plan_install("project", project, layers), "project")


def test_another_shell_prefix_does_not_take_the_place_of_ours(project: Path) -> None:
    """In whichever settings; where ours is not installed, a prefix is a person's own."""
    other = json.dumps({"env": {"CLAUDE_CODE_SHELL_PREFIX": "/tmp/other"}})
    assert changed(project, other) == {}
    install(plan_install("project", project), "project")
    assert "CLAUDE_CODE_SHELL_PREFIX" in changed(project, other)["reason"]


@pytest.mark.parametrize("name", ["SECRETGUARD_HOME", "XDG_CONFIG_HOME", "HOME", "LD_PRELOAD", "CLAUDE_CODE_SIMPLE"])
def test_variables_that_lead_the_guard_astray_do_not_take_effect(project: Path, name: str) -> None:
    """Settings may set variables for hooks; none that gives them another home, other code, or no life at all."""
    assert name in changed(project, json.dumps({"env": {"A": "1", name: "/tmp/x"}}))["reason"]
