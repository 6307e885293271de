"""What an administrator deploys to many machines: the managed settings, in the form that each way of delivery takes.

The client takes managed settings from one of: its maker's console ("server"), the preference domain or registry that a
device management system writes, or a file. Sources: Claude Code's documentation, "Deploy managed settings" and
"Configure server-managed settings" (code.claude.com/docs/en/managed-settings, .../server-managed-settings). Pure.
"""

from __future__ import annotations

import json
import plistlib
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from secretguard.agents import capability
from secretguard.agents.claude_layers import DENY, ONLY_MANAGED, Layers
from secretguard.agents.claude_settings import EVENTS, entry
from secretguard.errors import ConfigError
from secretguard.guard.settings import LAUNCHER
from secretguard.platforms import linux, macos
from secretguard.wrapper import launcher as shell

LINUX = PurePosixPath(linux.MANAGED_CLAUDE_SETTINGS)
MACOS = PurePosixPath(macos.MANAGED_CLAUDE_SETTINGS)
DOMAIN = "com.anthropic.claudecode"
REGISTRY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\ClaudeCode"


@dataclass(frozen=True)
class Deployment:
    """What to deploy, as the text of one file, and what an administrator must know about it, a sentence each."""

    text: str
    notes: tuple[str, ...]


def deployment(target: str, layers: Layers) -> Deployment:
    """The settings for `target`, a key of TARGETS. Raises ConfigError for a layer that cannot be deployed so."""
    if layers.mod:
        raise ConfigError("the plugin with the mod lies in a folder of each machine, which a deployment does not fill",
                          "leave out --with-mod; a user may add it with --scope user")  # fmt: skip
    return TARGETS[target](layers)


def _linux(layers: Layers) -> Deployment:
    return Deployment(_json(_settings(layers, LINUX.parent)), (f"put it at {LINUX}, owned by root", _MACHINES, _OLDER))


def _macos(layers: Layers) -> Deployment:
    text = plistlib.dumps(_settings(layers, MACOS.parent), sort_keys=False).decode()
    where = f"push it as the managed preferences of the domain {DOMAIN} (custom settings of a device management system)"
    return Deployment(text, (where, _MACHINES, _OLDER))


def _windows(layers: Layers) -> Deployment:
    settings = {**_settings(layers, LINUX.parent), "wslInheritsWindowsSettings": True}
    value = json.dumps(settings).replace("\\", "\\\\").replace('"', '\\"')
    text = f'Windows Registry Editor Version 5.00\r\n\r\n[{REGISTRY}]\r\n"Settings"="{value}"\r\n'
    return Deployment(
        text,
        (
            "import it, or set the value by Group Policy or Intune",
            "the guard runs in WSL, where the client inherits these settings: install it in each distribution",
            "a client that runs on Windows itself cannot start the guard, and refuses every call",
            _MACHINES,
            _OLDER,
        ),
    )


def _server(layers: Layers) -> Deployment:
    """One text for Linux and macOS: where the launcher is, a shell's words find out."""
    places = " ".join(shlex.quote(str(path.parent / LAUNCHER)) for path in (LINUX, MACOS))
    settings = _settings(layers, None)
    for event in EVENTS:
        hook = entry_for_shell(event, places)
        settings["hooks"][event][0]["hooks"] = [hook]
    notes = ["paste it into the console: Admin settings, Claude Code, Managed settings", _MACHINES]
    if layers.shell:
        notes.append("the shell prefix is left out, since it names one place: use --print linux or macos for it")
    return Deployment(_json(settings), tuple(notes))


def entry_for_shell(event: str, places: str) -> dict[str, Any]:
    """Our hook entry of `event`, run by a shell that takes the first launcher of `places` (quoted words); where there
    is none it refuses, as a launcher without its Python does."""
    hook = entry(PurePosixPath(LAUNCHER), event)
    arguments = shlex.join(hook.pop("args"))
    missing = f"echo {shlex.quote(_NOT_THERE)} >&2; exit 2" if "onFailure" in hook else "exit 0"
    return {**hook, "command": f'for f in {places}; do [ -x "$f" ] && exec "$f" {arguments}; done; {missing}'}


_INSTALL = "secretguard install claude-code --scope managed"
_NOT_THERE = f"secretguard: not installed on this machine, so this was refused; as root: {_INSTALL}"
_MACHINES = f"before that, on each machine, as root: `{_INSTALL}` puts the launcher there"
_OLDER = f"clients before {'.'.join(map(str, capability.OLDEST_WITH_ARGUMENTS))} cannot read these hooks: update them"


def _settings(layers: Layers, folder: PurePosixPath | None) -> dict[str, Any]:
    """The managed settings; `folder` is where the launchers are."""
    settings: dict[str, Any] = {"hooks": {}}
    for event, matcher in EVENTS.items():
        group = {} if matcher is None else {"matcher": matcher}
        settings["hooks"][event] = [{**group, "hooks": [entry((folder or LINUX.parent) / LAUNCHER, event)]}]
    if layers.shell and folder:
        settings["env"] = {shell.VARIABLE: shell.prefix(folder / shell.NAME)}
    if layers.deny_env:
        settings["permissions"] = {"deny": list(DENY)}
    if layers.only_managed_hooks:
        settings[ONLY_MANAGED] = True
    return settings


def _json(settings: dict[str, Any]) -> str:
    return json.dumps(settings, indent=2) + "\n"


TARGETS: dict[str, Callable[[Layers], Deployment]] = {
    "linux": _linux,
    "macos": _macos,
    "windows": _windows,
    "server": _server,
}
"""How managed settings are delivered → what is deployed."""
