"""The layers beside the hooks that an installation puts into Claude Code's settings: which of them, and in what form.

- The shell prefix (on): commands' output is redacted at its source, also where no hook can change it.
- Denied reads of `.env`-class files (off): they close `@.env` and includes in the client itself, but the redacted Read
  of these files with them. Never beside the mod, which closes the same without that price.
- The mod (off): a plugin from a folder of ours, declared in the settings; the client loads it by itself.
- Only managed hooks (off; managed settings): no other hook runs on the machine, so none can put a secret back.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secretguard.agents import claude_mod
from secretguard.agents.claude_launcher import MARKET, launcher_path, write
from secretguard.agents.claude_settings import Added, Version
from secretguard.agents.json_text import drop
from secretguard.errors import ConfigError
from secretguard.wrapper import launcher as shell

ENV_FILES = (".env", ".env.local", ".env.*.local", *(f".env.{name}" for name in (
    "dev", "development", "test", "testing", "stage", "staging", "prod", "production", "secret", "secrets", "vault",
)))  # fmt: skip
"""Names of files that exist to hold secrets; `.env.example` and its like are made to be read."""
DENY = tuple(f"Read(**/{name})" for name in ENV_FILES)
ONLY_MANAGED = "allowManagedHooksOnly"
MARKETPLACE = "secretguard-local"
_PLUGIN = f"{claude_mod.NAME}@{MARKETPLACE}"


@dataclass(frozen=True)
class Layers:
    """Which layers an installation is to have."""

    shell: bool = True
    deny_env: bool = False
    mod: bool = False
    only_managed_hooks: bool = False


def shell_launcher(scope: str) -> Path:
    """Where the program is that the shell prefix names: beside the hooks' launcher."""
    return launcher_path(scope).with_name(shell.NAME)


def market(scope: str) -> Path:
    """The folder that the client is told to load the plugin from."""
    return launcher_path(scope).with_name(MARKET)


def write_mod(scope: str) -> None:
    """Make the folder of `market` for the guard of `scope`. Raises ConfigError."""
    write_market(market(scope), launcher_path(scope))


def write_market(folder: Path, launcher: Path) -> None:
    """Make `folder` what the client takes plugins from, with the one that asks `launcher`. Raises ConfigError."""
    plugin = {"name": claude_mod.NAME, "source": "./plugin", "description": "The last wall of secretguard"}
    listed = {"name": MARKETPLACE, "owner": {"name": claude_mod.NAME}, "plugins": [plugin]}
    claude_mod.write_plugin(folder / "plugin", launcher)
    write(folder / ".claude-plugin" / "marketplace.json", json.dumps(listed).encode(), 0o644)


def remove_mod(scope: str, config: Path) -> None:
    """Delete that folder, and what the client noted of it in its own folder `config`."""
    shutil.rmtree(market(scope), ignore_errors=True)
    known = config / "plugins" / "known_marketplaces.json"
    try:
        text = known.read_text()
        if json.loads(text)[MARKETPLACE]["source"]["path"] == str(market(scope)):
            write(known, drop(text, [MARKETPLACE]).encode(), None)
    except (OSError, ValueError, KeyError, TypeError):
        return  # it never loaded it, or the note is none that we know


def refuse(scope: str, layers: Layers, newest: Version) -> None:
    """Raise ConfigError for layers that do nothing there, or that do the same at a higher price."""
    if layers.only_managed_hooks and scope != "managed":
        raise ConfigError(f"the client heeds {ONLY_MANAGED} in managed settings alone", "add --scope managed")
    if layers.mod and layers.deny_env:
        raise ConfigError(
            "the mod closes what denied reads close, and leaves the redacted Read of these files",
            "leave out --deny-env",
        )
    if layers.mod and scope == "project":
        raise ConfigError("the client takes plugins from your own or the managed settings alone", "--scope user")
    if layers.mod and newest is not None and newest < claude_mod.OLDEST_WITH_WALL:
        oldest, have = (".".join(map(str, version)) for version in (claude_mod.OLDEST_WITH_WALL, newest))
        raise ConfigError(f"mods see requests to the model from Claude Code {oldest} on; here is {have}", "update it")


def added(scope: str, layers: Layers, settings: dict[str, Any]) -> tuple[Added, list[str]]:
    """(What goes into `settings` beside the hooks, what was asked for and is left out, as sentences)."""
    wanted: Added = []
    left_out = []
    if layers.shell:
        other = shell.others(settings, dict(os.environ))
        if other:
            left_out.append(
                f"your own {shell.VARIABLE} ({other[:200]}) stays, so the output of failing commands, `!command` and"
                " slash commands is not redacted"
            )
        else:
            wanted.append((["env", shell.VARIABLE], shell.prefix(shell_launcher(scope))))
    if layers.deny_env:
        wanted += [(["permissions", "deny", None], rule) for rule in DENY]
    if layers.mod:
        place = {"source": {"source": "directory", "path": str(market(scope))}}
        wanted += [(["extraKnownMarketplaces", MARKETPLACE], place), (["enabledPlugins", _PLUGIN], True)]
    if layers.only_managed_hooks:
        wanted.append(([ONLY_MANAGED], True))
    return wanted, left_out
