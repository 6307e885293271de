"""Plugins that a user has: those with hooks on results or with mods are known, whatever state their files are in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.agents.claude_plugins import Plugin, plugins

HOOKS = {"PostToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": "cat"}]}]}


def installed(config: Path, *names: str) -> dict[str, Path]:
    """Folders of plugins that the client has noted."""
    folders = {name: config / "plugins" / "cache" / name for name in names}
    for folder in folders.values():
        (folder / ".claude-plugin").mkdir(parents=True)
        (folder / "hooks").mkdir()
        (folder / ".claude-plugin" / "plugin.json").write_text('{"name": "x"}')
    noted = {name: [{"scope": "user", "installPath": str(folder)}] for name, folder in folders.items()}
    (config / "plugins" / "installed_plugins.json").write_text(json.dumps({"version": 2, "plugins": noted}))
    return folders


def seen(config: Path, *names: str) -> list[Plugin]:
    """What is found where `names` are enabled."""
    return list(plugins(config, [{"enabledPlugins": dict.fromkeys(names, True)}], "secretguard@ours"))


def test_hooks_on_results_and_mods_are_told_apart(tmp_path: Path) -> None:
    """One with a PostToolUse hook, one with a mod, one with neither."""
    folders = installed(tmp_path, "hooked@m", "modded@m", "plain@m")
    (folders["hooked@m"] / "hooks" / "hooks.json").write_text(json.dumps({"hooks": HOOKS}))
    (folders["modded@m"] / "hooks" / "hooks.json").write_text(json.dumps({"hooks": {}, "modules": ["./a.js"]}))
    assert seen(tmp_path, *folders) == [
        Plugin("hooked@m", hooks=True),
        Plugin("modded@m", mods=True),
        Plugin("plain@m"),
    ]


@pytest.mark.parametrize("own", [HOOKS, "./more.json", ["./none.json", "./more.json"], [{"hooks": HOOKS}]])
def test_hooks_that_the_manifest_names_count(tmp_path: Path, own: Any) -> None:
    """A manifest may hold hooks, or name files that do."""
    folder = installed(tmp_path, "a@m")["a@m"]
    (folder / ".claude-plugin" / "plugin.json").write_text(json.dumps({"name": "a", "hooks": own}))
    (folder / "more.json").write_text(json.dumps({"hooks": HOOKS}))
    assert seen(tmp_path, "a@m") == [Plugin("a@m", hooks=True)]


def test_only_enabled_ones_that_are_not_ours_count(tmp_path: Path) -> None:
    """What is switched off, by the strongest settings, is not loaded; our own plugin is no opponent."""
    installed(tmp_path, "on@m", "off@m", "never@m", "secretguard@ours")
    settings = [{"enabledPlugins": {"on@m": True, "off@m": True, "secretguard@ours": True}}, {"enabledPlugins": 3}]
    found = plugins(tmp_path, [*settings, {"enabledPlugins": {"off@m": False}}], "secretguard@ours")
    assert [one.name for one in found] == ["on@m"]


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"[" * 100_000, b"{" + b" " * (1 << 20) + b"}"])
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    """A broken file is no clean one: it is told which."""
    folder = installed(tmp_path, "a@m")["a@m"]
    hooks = folder / "hooks" / "hooks.json"
    hooks.write_bytes(content)
    assert seen(tmp_path, "a@m") == [Plugin("a@m", unread=str(hooks))]
    noted = tmp_path / "plugins" / "installed_plugins.json"
    noted.write_bytes(content)
    assert seen(tmp_path, "a@m") == [Plugin("", unread=str(noted))]


def test_a_client_without_plugins_has_none(tmp_path: Path) -> None:
    """No note, no plugin."""
    assert seen(tmp_path, "a@m") == []


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(
    inner, max_size=3) | st.dictionaries(st.sampled_from(["plugins", "hooks", "modules", "installPath", "a@m"]), inner,
    max_size=3), max_leaves=12)  # fmt: skip


@given(JSON, JSON, JSON)
def test_no_shape_breaks_it(tmp_path_factory: pytest.TempPathFactory, noted: Any, manifest: Any, hooks: Any) -> None:
    """Whatever the files hold, the answer is a list of plugins."""
    config = tmp_path_factory.mktemp("config")
    folder = installed(config, "a@m")["a@m"]
    (folder / ".claude-plugin" / "plugin.json").write_text(json.dumps(manifest))
    (folder / "hooks" / "hooks.json").write_text(json.dumps(hooks))
    assert [one.name for one in seen(config, "a@m")] == ["a@m"]
    (config / "plugins" / "installed_plugins.json").write_text(json.dumps(noted))
    assert all(isinstance(one, Plugin) for one in seen(config, "a@m"))
