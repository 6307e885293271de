"""Claude Code's settings file: put the guard's hooks in, take them out, leave everything else as it was.

Pure: bytes in, bytes out. The hooks are the measured form: `command` with `args` (no shell; a shell's words where an
older client is to read it), `onFailure: "block"` (2.1.296 and later fail closed; older ones ignore the key), a short
`timeout`.
"""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path, PurePath
from typing import Any

from secretguard.agents import capability
from secretguard.agents.claude_removal import ours, without_us
from secretguard.agents.json_text import put
from secretguard.errors import ConfigError
from secretguard.guard.hook import HOST_TIMEOUT
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
        settings: dict[str, Any] = json.loads(_text(data)[1], object_pairs_hook=_unique)
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8", fix) from None
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}: not JSON: {error.msg}", fix) from None
    except _Twice as error:
        raise ConfigError(f"{path}: the key {error.args[0]!r} appears twice in one object", fix) from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply", fix) from None
    except ValueError:  # more digits than Python reads
        raise ConfigError(f"{path}: a number is too long", fix) from None
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


Added = list[tuple[list[str | None], object]]
"""What goes into the settings beside the hooks: (path, value) of members; of elements where the path ends in None."""


def installed(data: bytes, path: Path, launcher: Path, version: Version = None, added: Added | None = None) -> bytes:
    """`data` with exactly one hook of ours for each event and with `added`, everything else as it was written, byte for
    byte. The same again when repeated. A member that a person has set otherwise stays: see `conflicts`."""
    if holds(data, path, launcher, version, added):
        return data
    mark, text = _text(removed(data, path))
    for event, matcher in EVENTS.items():
        group: dict[str, Any] = {} if matcher is None else {"matcher": matcher}
        text = put(text, ["hooks", event, None], {**group, "hooks": [entry(launcher, event, version)]})
    for place, value in added or []:
        if not present(json.loads(text), place, value):
            text = put(text, list(place), value)
    return mark + text.encode("utf-8", "surrogatepass")


def holds(data: bytes, path: Path, launcher: Path, version: Version = None, added: Added | None = None) -> bool:
    """Whether `data` has all that `installed` puts in, and no other entry of ours."""
    settings = parse(data, path)
    if missing_events(settings, launcher, version) or len(own_entries(settings)) != len(EVENTS):
        return False
    return all(present(settings, place, value) for place, value in added or [])


def present(settings: Any, place: list[str | None], value: object) -> bool:
    """Whether `value` is at `place`, or among the elements there."""
    for step in place:
        if step is None:
            return isinstance(settings, list) and value in settings
        settings = settings.get(step) if isinstance(settings, dict) else None
    return bool(settings == value)


def conflicts(data: bytes, path: Path, added: Added) -> list[list[str | None]]:
    """Paths of `added` where a person has set something else; that stays."""
    found: list[list[str | None]] = []
    for place, value in added:
        there: Any = parse(data, path)
        for step in place:
            wrong = not isinstance(there, list if step is None else dict)
            if wrong:
                found.append(place)
            if wrong or step is None or step not in there:
                break
            there = there[step]
        else:
            if there != value:
                found.append(place)
    return found


def removed(data: bytes, path: Path, added: Added | None = None) -> bytes:
    """`data` without our hooks and without what we `added`; the same bytes where there is nothing of it."""
    parse(data, path)
    mark, text = _text(data)
    left = without_us(text, added or [])
    return data if left == text else mark + left.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> tuple[bytes, str]:
    """(byte order mark, text) of a settings file; that of an empty one is an empty object."""
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    return mark, data[len(mark) :].decode() if data[len(mark) :].strip() else "{}\n"


HELD = ("PostToolUse",)
"""Events whose text has been made already: what does not answer for them holds nothing back."""


def entry(launcher: PurePath, event: str, version: Version = None) -> dict[str, Any]:
    """Our hook entry of `event`, in the form that `version` understands."""
    observed = event in OBSERVED
    arguments = ["claude-code", *(["observe"] if observed else ["held"] if event in HELD else [])]
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
    return [(event, item) for event, item in _entries(settings) if ours(item)]


def other_entries(settings: dict[str, Any], event: str) -> list[dict[str, Any]]:
    """Entries of `event` that are not ours."""
    return [item for name, item in _entries(settings) if name == event and not ours(item)]


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


class _Twice(Exception):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key)
        found[key] = value
    return found
