"""Managed settings for many machines: each form read back as its reader does, and the same guard in all of them."""

from __future__ import annotations

import json
import plistlib
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from secretguard.agents import claude_managed, claude_settings
from secretguard.agents.claude_launcher import launcher_path
from secretguard.agents.claude_layers import DENY, Layers, added
from secretguard.agents.claude_managed import TARGETS, deployment
from secretguard.errors import ConfigError


def read_back(target: str, layers: Layers = Layers()) -> dict[str, Any]:  # noqa: B008  # it is frozen
    """The settings that the client would make of the text."""
    text = deployment(target, layers).text
    if target == "macos":
        found = plistlib.loads(text.encode())
    elif target == "windows":
        value = re.search(r'^"Settings"="(.*)"\r$', text, re.MULTILINE)
        assert value
        assert text.startswith("Windows Registry Editor Version 5.00\r\n")
        found = json.loads(re.sub(r"\\(.)", r"\1", value[1]))
    else:
        found = json.loads(text)
    assert isinstance(found, dict)
    return found


def test_linux_is_what_installing_writes() -> None:
    """The printed file is the one that `install --scope managed` writes on a machine where there was none."""
    layers = Layers(deny_env=True, only_managed_hooks=True)
    launcher, path = Path("/etc/claude-code/secretguard-claude-code"), Path("/etc/claude-code/managed-settings.json")
    if launcher_path("managed") != launcher:
        pytest.skip("this is no Linux, whose own file is the one compared")
    wanted, left_out = added("managed", layers, {})
    assert not left_out
    written = json.loads(claude_settings.installed(b"", path, launcher, None, wanted))
    assert read_back("linux", layers) == written
    assert written["permissions"]["deny"] == list(DENY)
    assert written["allowManagedHooksOnly"] is True


def test_each_form_holds_every_event() -> None:
    """No way of delivery leaves a hook out, and each fails closed where the client can."""
    for target in TARGETS:
        hooks = read_back(target)["hooks"]
        assert set(hooks) == set(claude_settings.EVENTS)
        for event, (group,) in hooks.items():
            (hook,) = group["hooks"]
            assert group.get("matcher") == claude_settings.EVENTS[event]
            assert ("onFailure" in hook) == (event not in claude_settings.OBSERVED)


def test_macos_and_windows_name_their_own_places() -> None:
    """On macOS the launcher is in the application's folder; on Windows it is the one in WSL, which inherits."""
    mac, windows = read_back("macos"), read_back("windows")
    folder = "/Library/Application Support/ClaudeCode"
    assert mac["hooks"]["PreToolUse"][0]["hooks"][0]["command"] == f"{folder}/secretguard-claude-code"
    assert folder in mac["env"]["CLAUDE_CODE_SHELL_PREFIX"]
    assert windows["wslInheritsWindowsSettings"] is True
    assert windows["hooks"] == read_back("linux")["hooks"]


@pytest.mark.parametrize("event", sorted(claude_settings.EVENTS))
def test_the_servers_words_find_the_launcher_or_refuse(event: str, tmp_path: Path) -> None:
    """The shell's words run the first launcher that is there, in its own process, with the event and our arguments;
    where there is none a call is refused, and what is only observed goes on."""
    places = [tmp_path / "not here" / "one", tmp_path / "a b" / "two"]
    words = claude_managed.entry_for_shell(event, " ".join(shlex.quote(str(place)) for place in places))["command"]
    gone = subprocess.run(["sh", "-c", words], input=b"{}", capture_output=True, timeout=20)
    refuses = event not in claude_settings.OBSERVED
    assert gone.returncode == (2 if refuses else 0)
    assert not gone.stdout
    assert (b"install claude-code --scope managed" in gone.stderr) == refuses
    places[1].parent.mkdir()
    places[1].write_text('#!/bin/sh\necho "$@"; cat; exit 7\n')
    places[1].chmod(0o755)
    ran = subprocess.run(["sh", "-c", words], input=b"the event", capture_output=True, timeout=20)
    exact = claude_settings.entry(places[1], event)["args"]
    assert (ran.returncode, ran.stdout) == (7, f"{' '.join(exact)}\nthe event".encode())


def test_the_servers_text_is_for_both_systems() -> None:
    """Both places are in the words, the prefix (which names one) is not, and that is said."""
    made = deployment("server", Layers())
    settings = json.loads(made.text)
    command = settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"]
    assert "/etc/claude-code/secretguard-claude-code" in command
    assert "'/Library/Application Support/ClaudeCode/secretguard-claude-code'" in command
    assert "args" not in settings["hooks"]["PreToolUse"][0]["hooks"][0]
    assert "env" not in settings
    assert any("shell prefix is left out" in note for note in made.notes)


def test_the_mod_is_refused() -> None:
    """A plugin from a folder cannot be deployed by settings alone."""
    with pytest.raises(ConfigError, match="folder of each machine"):
        deployment("linux", Layers(mod=True))
