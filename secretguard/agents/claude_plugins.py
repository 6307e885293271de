"""The plugins of Claude Code that a user has, and which of them may change what the guard has redacted.

The client notes them in `plugins/installed_plugins.json` of its folder (format 2, seen with 2.1.330). A plugin's hooks
are in `hooks/hooks.json` below its folder, or where its manifest says; its mods are the `modules` in the same file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LARGEST = 1 << 20
"""Bytes of a file of a plugin that are read; a larger one counts as one that cannot be read."""
EVENT = "PostToolUse"


@dataclass(frozen=True)
class Plugin:
    """An installed plugin: its name, whether it hooks results of tools, whether it has mods; `unread` names its file
    that could not be read, so that nothing is known of these."""

    name: str
    hooks: bool = False
    mods: bool = False
    unread: str = ""


def plugins(config: Path, settings: list[dict[str, Any]], own: str) -> Iterator[Plugin]:
    """The plugins that sessions with these `settings` (the strongest last) load, but `own`. `config`: `~/.claude`."""
    enabled: dict[str, object] = {}
    for one in settings:
        listed = one.get("enabledPlugins")
        enabled.update(listed if isinstance(listed, dict) else {})
    path = config / "plugins" / "installed_plugins.json"
    if not path.exists():
        return
    noted = _object(path)
    installed = noted.get("plugins") if noted else None
    if not isinstance(installed, dict):
        yield Plugin("", unread=str(path))
        return
    for name, places in sorted(installed.items()):
        if name != own and enabled.get(name) is True:
            yield from (_looked(name, Path(folder)) for folder in _folders(places))


def _folders(places: object) -> list[str]:
    found = [one.get("installPath") for one in places if isinstance(one, dict)] if isinstance(places, list) else []
    return list(dict.fromkeys(place for place in found if isinstance(place, str) and os.path.isabs(place)))


def _looked(name: str, folder: Path) -> Plugin:
    manifest = folder / ".claude-plugin" / "plugin.json"
    described = _object(manifest) if manifest.exists() else {}
    if described is None:
        return Plugin(name, unread=str(manifest))
    hooks = mods = False
    own = described.get("hooks")
    sources = [folder / "hooks" / "hooks.json", *(own if isinstance(own, list) else [own] if own else [])]
    for source in sources:
        found = source if isinstance(source, dict) else _file(folder, source)
        if found is None:
            return Plugin(name, hooks, mods, unread=str(source))
        inner = found.get("hooks", found)
        hooks = hooks or (isinstance(inner, Mapping) and EVENT in inner)
        mods = mods or bool(found.get("modules"))
    return Plugin(name, hooks, mods)


def _file(folder: Path, source: object) -> dict[str, Any] | None:
    """A hooks file of the plugin in `folder`; {} where there is none, None where it cannot be read."""
    if not isinstance(source, str | Path):
        return None
    path = folder / source
    return _object(path) if path.exists() else {}


def _object(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(_LARGEST + 1))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
