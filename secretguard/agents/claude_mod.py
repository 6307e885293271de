"""The plugin with the mod (package data `claude_plugin/`), put into a folder from where Claude Code loads it.

What is shipped names no program to ask, and so refuses everything; the copy names the launcher.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from secretguard.errors import ConfigError
from secretguard.whole_file import replace

NAME = "secretguard"
SOURCE = Path(__file__).with_name("claude_plugin")
FILES = (".claude-plugin/plugin.json", "hooks/hooks.json", "hooks/register.js", "hooks/guard.js", "README.md")
PLACE = "hooks/place.js"
OLDEST_WITH_WALL = (2, 1, 328)
"""First Claude Code whose mods see requests to the model, in `-p` as well."""


def write_plugin(folder: Path, launcher: Path) -> None:
    """Make `folder` the plugin, with `launcher` as the program that its mod asks. Raises ConfigError."""
    files = {name: (SOURCE / name).read_bytes() for name in FILES}
    files[PLACE] = f"export const LAUNCHER = {json.dumps(str(launcher))};\n".encode()
    try:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace(str(path), data, mode=0o600, durable=True)
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror}") from None


def remove_plugin(folder: Path) -> None:
    """Delete what `write_plugin` made; a folder that is not the plugin stays. Raises ConfigError."""
    if not is_plugin(folder):
        return
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror}") from None


def is_plugin(folder: Path) -> bool:
    """Whether the plugin is there, ours and whole."""
    return all((folder / name).is_file() for name in (*FILES, PLACE)) and not folder.is_symlink()
