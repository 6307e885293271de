"""The layers beside the hooks: which go in, which are refused, and that they go again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.agents import claude_client
from secretguard.agents.claude_install import install, plan_install, plan_uninstall, uninstall
from secretguard.agents.claude_layers import DENY, Layers, market, shell_launcher
from secretguard.agents.claude_mod import is_plugin
from secretguard.errors import ConfigError
from secretguard.guard import settings as in_the_hook
from secretguard.wrapper import launcher as shell


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings file, not there yet; no client, and no prefix in the environment of who runs this."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv(shell.VARIABLE, raising=False)
    monkeypatch.setattr(claude_client, "versions", lambda: [(2, 1, 330)])
    return tmp_path / "config" / "settings.json"


def put(folder: Path, layers: Layers) -> list[str]:
    change = plan_install("user", folder, layers)
    install(change, "user")
    return change.left_out


def test_the_shell_prefix_is_there_unless_it_is_not_wanted(settings: Path, tmp_path: Path) -> None:
    """The program lies beside the hooks' launcher, and installing without takes the prefix out again."""
    assert put(tmp_path, Layers()) == []
    launcher = shell_launcher("user")
    assert json.loads(settings.read_text())["env"] == {shell.VARIABLE: str(launcher)}
    assert launcher.stat().st_mode & 0o777 == 0o700
    put(tmp_path, Layers(shell=False))
    assert "env" not in json.loads(settings.read_text())


@pytest.mark.parametrize("where", ["settings", "environment"])
def test_a_prefix_of_your_own_stays_and_is_said(
    settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Two cannot be in force; the one that was there is a person's."""
    settings.parent.mkdir()
    before = {"env": {shell.VARIABLE: "/opt/mine"}} if where == "settings" else {}
    settings.write_text(json.dumps(before))
    if where == "environment":
        monkeypatch.setenv(shell.VARIABLE, "/opt/mine")
    (said,) = put(tmp_path, Layers())
    assert "/opt/mine" in said
    assert json.loads(settings.read_text()).get("env") == before.get("env")


def test_an_older_place_of_ours_is_replaced(settings: Path, tmp_path: Path) -> None:
    """A prefix that an installation elsewhere left is ours, not a person's."""
    settings.parent.mkdir()
    settings.write_text(json.dumps({"env": {shell.VARIABLE: f"/elsewhere/{shell.NAME}", "A": "1"}}))
    assert put(tmp_path, Layers()) == []
    assert json.loads(settings.read_text())["env"] == {"A": "1", shell.VARIABLE: str(shell_launcher("user"))}


def test_denied_reads_are_those_of_env_files_and_go_with_the_guard(settings: Path, tmp_path: Path) -> None:
    """Beside a person's own rules, which stay; a rule that they have already is theirs as well."""
    settings.parent.mkdir()
    settings.write_text('{"permissions": {"deny": ["Read(**/.env)", "Bash(rm *)"], "allow": []}}')
    put(tmp_path, Layers(deny_env=True))
    denied = json.loads(settings.read_text())["permissions"]["deny"]
    assert denied[:2] == ["Read(**/.env)", "Bash(rm *)"]
    assert sorted(denied) == sorted({*DENY, "Bash(rm *)"})
    assert not any("example" in rule or rule == "Read(**/.env.*)" for rule in denied)
    settings.write_text(settings.read_text() + "\n")
    uninstall(plan_uninstall("user", tmp_path), "user")
    assert json.loads(settings.read_text()) == {"permissions": {"deny": ["Read(**/.env)", "Bash(rm *)"], "allow": []}}


def test_the_mod_comes_and_goes_with_what_the_client_noted(settings: Path, tmp_path: Path) -> None:
    """The plugin is declared in the settings; taking it out leaves neither folder nor note."""
    put(tmp_path, Layers(mod=True))
    assert is_plugin(market("user") / "plugin")
    content = json.loads(settings.read_text())
    assert content["enabledPlugins"] == {in_the_hook.PLUGIN: True}
    (name,) = content["extraKnownMarketplaces"]
    known = settings.parent / "plugins" / "known_marketplaces.json"
    known.parent.mkdir()
    known.write_text(json.dumps({"other": {}, name: content["extraKnownMarketplaces"][name]}))
    uninstall(plan_uninstall("user", tmp_path), "user")
    assert not settings.exists()
    assert not market("user").exists()
    assert json.loads(known.read_text()) == {"other": {}}


@pytest.mark.parametrize(
    ("scope", "layers", "newest", "said"),
    [
        ("user", Layers(only_managed_hooks=True), (2, 1, 330), "managed settings alone"),
        ("user", Layers(mod=True, deny_env=True), (2, 1, 330), "--deny-env"),
        ("user", Layers(mod=True), (2, 1, 327), "2.1.328"),
        ("project", Layers(mod=True), (2, 1, 330), "--scope user"),
    ],
)
def test_layers_that_do_nothing_there_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scope: str, layers: Layers, newest: tuple[int, int, int], said: str
) -> None:
    """Before anything is written, with the way on."""
    monkeypatch.setattr(claude_client, "versions", lambda: [newest])
    with pytest.raises(ConfigError, match=said):
        plan_install(scope, tmp_path, layers)
    assert not shell_launcher("user").exists()


def test_the_hook_knows_the_same_names() -> None:
    """The hot path has its own constants."""
    assert (in_the_hook.PREFIX, in_the_hook.SHELL) == (shell.VARIABLE, shell.NAME)
