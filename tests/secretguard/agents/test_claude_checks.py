"""The checks behind `secretguard doctor`, one by one; `tests/secretguard/commands/test_doctor.py` has them together."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from secretguard.agents import claude_checks
from secretguard.agents.claude_checks import FAULT, GOOD, WARNING, guarded_scopes, signs
from secretguard.agents.claude_install import install, plan_install
from secretguard.audit.journal import user_journal
from secretguard.errors import GuardError
from tests.secretguard.agents.test_claude_plugins import installed as installed_plugins


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The client's own folder; no client."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setattr(claude_checks.claude_client, "every", list)
    return tmp_path / "config"


def kinds(project: Path, word: str) -> list[str]:
    return [sign.kind for sign in signs(project, None) if word in sign.text]


def test_scopes_that_are_guarded(tmp_path: Path) -> None:
    """None, then the project's, then the user's as well."""
    project = tmp_path / "project"
    assert guarded_scopes(project) == []
    install(plan_install("project", project), "project")
    assert guarded_scopes(project) == ["project"]
    install(plan_install("user", project), "user")
    assert guarded_scopes(project) == ["user", "project"]


def test_a_missing_parser_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without shfmt the guard works, but most commands are opaque."""
    monkeypatch.setattr(claude_checks.shfmt, "binary", lambda: None)
    assert kinds(tmp_path, "shfmt") == [WARNING]


def test_a_broken_engine_is_a_fault_and_the_rest_is_still_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One fault does not hide the others."""

    def broken() -> object:
        raise GuardError("no rules", "build them")

    monkeypatch.setattr(claude_checks, "open_engine", broken)
    found = list(signs(tmp_path, None))
    assert (found[0].kind, found[0].text, found[0].fix) == (FAULT, "no rules", "build them")
    assert len(found) > 3


def test_a_tampered_record_is_a_fault(tmp_path: Path) -> None:
    """An edited journal is named; an intact one without a pin is good."""
    user_journal().append("guard:read:allowed", {"path": "a"})
    assert kinds(tmp_path, "audit record") == [GOOD]
    journal = Path(os.environ["SECRETGUARD_HOME"], "state", "audit", "journal.jsonl")
    journal.write_text(journal.read_text().replace('"path":"a"', '"path":"b"'))
    assert kinds(tmp_path, "audit record") == [FAULT]


@pytest.mark.parametrize(("said", "kind"), [("", FAULT), ("2.1.100", FAULT)])
def test_a_client_that_cannot_be_protected_is_a_fault(tmp_path: Path, said: str, kind: str) -> None:
    """No version, or one before results could be replaced."""
    client = tmp_path / "claude"
    client.write_text(f"#!/bin/sh\necho '{said}'\n")
    client.chmod(0o755)
    found = [
        sign.kind
        for sign in signs(tmp_path, client)
        if "claude" in sign.text.lower() and "version" in sign.text + " version"
    ]
    assert kind in found


def test_other_plugins_that_may_rewrite_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin with a hook on results, and one with a mod, are warnings with the command that switches them off."""
    config = tmp_path / "config"
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(config))
    folders = installed_plugins(config, "hooked@m", "modded@m", "off@m")
    (folders["hooked@m"] / "hooks" / "hooks.json").write_text('{"hooks": {"PostToolUse": []}}')
    (folders["modded@m"] / "hooks" / "hooks.json").write_text('{"modules": ["./a.js"]}')
    (folders["off@m"] / "hooks" / "hooks.json").write_text('{"modules": ["./a.js"]}')
    enabled = {"hooked@m": True, "modded@m": True, "off@m": True}
    (config / "settings.json").write_text(json.dumps({"enabledPlugins": enabled}))
    local = tmp_path / ".claude" / "settings.local.json"
    local.parent.mkdir()
    local.write_text('{"enabledPlugins": {"off@m": false}}')
    told = [sign for sign in claude_checks._plugins(tmp_path, local) if sign.kind == claude_checks.WARNING]
    assert [("hooked@m has a PostToolUse" in one.text, "modded@m has a mod" in one.text) for one in told] == [
        (True, False),
        (False, True),
    ]
    assert "claude plugin disable modded@m" in told[1].fix
