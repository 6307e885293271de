"""Claude Code's settings file: put the guard's hooks in, take them out, leave everything else as it was.

Pure: bytes in, bytes out. The hooks are the measured form: `command` with `args` (no shell; a shell's words where an
older client is to read it), `onFailure: "block"` (2.1.296 and later fail closed; older ones ignore the key), a short
`timeout`.
"""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

from secretguard.agents import capability
from secretguard.errors import ConfigError
from secretguard.guard.hook import HOST_TIMEOUT
from secretguard.guard.settings import LAUNCHER
from secretguard.platforms.here import MANAGED_CLAUDE_SETTINGS

EVENTS = {
    "PreToolUse": "*",
    "PostToolUse": "*",
    "PostToolUseFailure": "*",
    "UserPromptSubmit": None,
    "ConfigChange": None,
    "SessionStart": None,
    "Stop": None,
    "SessionEnd": None,
}
"""Each event that the guard listens to, with its matcher; None for an event that has none."""
OBSERVED = frozenset({"Stop", "SessionEnd"})
"""Events that are recorded and never refused: a refused Stop makes the agent go on. Their hook cannot fail."""

SCOPES = ("user", "project", "managed")

Version = tuple[int, int, int] | None
"""The oldest client that reads the settings; None where none was found, which counts as the newest."""


def settings_path(scope: str, project: Path) -> Path:
    """The settings file of `scope`, links resolved. `CLAUDE_CONFIG_DIR` moves the user's."""
    if scope == "user":
        path = Path(os.environ.get("CLAUDE_CONFIG_DIR") or Path.home() / ".claude") / "settings.json"
    elif scope == "project":
        path = project / ".claude" / "settings.json"
    else:
        path = Path(MANAGED_CLAUDE_SETTINGS)
    return Path(os.path.realpath(path))


def parse(data: bytes, path: Path) -> dict[str, Any]:
    """The settings in `data`. Raises ConfigError with file and line when they are not one plain JSON object."""
    fix = "mend the file by hand; nothing was changed"
    try:
        settings: dict[str, Any] = json.loads(data.decode("utf-8-sig") or "{}", object_pairs_hook=_unique)
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8", fix) from None
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}: not JSON: {error.msg}", fix) from None
    except _Twice as error:
        raise ConfigError(f"{path}: the key {error.args[0]!r} appears twice in one object", fix) from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply", fix) from None
    hooks = settings.get("hooks", {}) if isinstance(settings, dict) else None
    if not isinstance(hooks, dict):
        raise ConfigError(
            f"{path}: {'`hooks` is' if isinstance(settings, dict) else 'the settings are'} no object", fix
        )
    for event, groups in hooks.items():
        if not isinstance(groups, list) or not all(
            isinstance(g, dict) and isinstance(g.get("hooks"), list) for g in groups
        ):
            raise ConfigError(f"{path}: hooks.{event} is not a list of groups with `hooks`", fix)
    return settings


def installed(data: bytes, path: Path, launcher: Path, version: Version = None) -> bytes:
    """`data` with exactly one hook of ours for each event, other hooks untouched. The same again when repeated."""
    settings = parse(data, path)
    if missing_events(settings, launcher, version) == [] and len(own_entries(settings)) == len(EVENTS):
        return data
    _remove(settings)
    hooks = settings.setdefault("hooks", {})
    for event, matcher in EVENTS.items():
        group: dict[str, Any] = {} if matcher is None else {"matcher": matcher}
        hooks.setdefault(event, []).append({**group, "hooks": [entry(launcher, event, version)]})
    return _written(settings, data)


def removed(data: bytes, path: Path) -> bytes:
    """`data` without our hooks; the same bytes where there are none."""
    settings = parse(data, path)
    if not own_entries(settings):
        return data
    _remove(settings)
    return _written(settings, data)


def entry(launcher: Path, event: str, version: Version = None) -> dict[str, Any]:
    """Our hook entry of `event`, in the form that `version` understands."""
    observed = event in OBSERVED
    arguments = ["claude-code", *(["observe"] if observed else [])]
    in_shell = version is not None and version < capability.OLDEST_WITH_ARGUMENTS
    start = (
        {"command": shlex.join([str(launcher), *arguments])}
        if in_shell
        else {"command": str(launcher), "args": arguments}
    )
    return {
        "type": "command",
        **start,
        "timeout": HOST_TIMEOUT,
        **({} if observed else {"onFailure": "block"}),
    }


def own_entries(settings: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Our entries as (event, entry)."""
    return [(event, item) for event, item in _entries(settings) if _ours(item)]


def other_entries(settings: dict[str, Any], event: str) -> list[dict[str, Any]]:
    """Entries of `event` that are not ours."""
    return [item for name, item in _entries(settings) if name == event and not _ours(item)]


def missing_events(settings: dict[str, Any], launcher: Path, version: Version = None) -> list[str]:
    """Events without an entry of exactly the form that `version` is given, under the matcher that is installed."""
    return [
        event
        for event, matcher in EVENTS.items()
        if not any(
            group.get("matcher", "*") == (matcher or "*") and entry(launcher, event, version) in group["hooks"]
            for group in settings.get("hooks", {}).get(event, [])
        )
    ]


def _entries(settings: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    groups = [(event, group) for event, groups in settings.get("hooks", {}).items() for group in groups]
    return [(event, item) for event, group in groups for item in group["hooks"] if isinstance(item, dict)]


def _ours(item: dict[str, Any]) -> bool:
    command = str(item.get("command", ""))
    try:
        words = [command] if "args" in item else shlex.split(command)
    except ValueError:  # quotes that do not close: nothing that we wrote
        return False
    return bool(words) and Path(words[0]).name == LAUNCHER


def _remove(settings: dict[str, Any]) -> None:
    hooks = settings.get("hooks", {})
    for event in list(hooks):
        for group in hooks[event]:
            group["hooks"] = [item for item in group["hooks"] if not (isinstance(item, dict) and _ours(item))]
        hooks[event] = [group for group in hooks[event] if group["hooks"]]
        if not hooks[event]:
            del hooks[event]
    if "hooks" in settings and not hooks:
        del settings["hooks"]


def _written(settings: dict[str, Any], like: bytes) -> bytes:
    """`settings` in the style of `like`: its indentation and whether it ends with a line end."""
    lines = like.decode("utf-8-sig", "replace").splitlines()
    margin = next((line[: len(line) - len(line.lstrip())] for line in lines[1:] if line.strip() not in ("", "}")), "  ")
    end = "" if like and not like.endswith(b"\n") else "\n"
    return (json.dumps(settings, indent=margin or "  ", ensure_ascii=False) + end).encode()


class _Twice(Exception):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key)
        found[key] = value
    return found
