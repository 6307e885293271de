"""The client's settings while it runs: a change that would switch the guard off is refused. Hot path.

What an installation put in is remembered beside it (`record_path`); a change must leave exactly that.
"""

from __future__ import annotations

import os

from secretguard.agents import capability
from secretguard.agents.claude_code import KINDS
from secretguard.agents.event import Event, Outcome
from secretguard.guard.outcomes import allowed, refused
from secretguard.guard.results import TooLarge, contents
from secretguard.keyed import sha256_hex
from secretguard.places import state_dir
from secretguard.rawjson import JsonError, loads
from secretguard.verdict import DENY, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.guard.room import Room

SWITCHES = ("disableAllHooks",)
"""Settings that make the client pass over every hook but the managed ones."""

REDIRECTS = frozenset({
    "HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "CLAUDE_CONFIG_DIR", "CLAUDE_CODE_SIMPLE",
    "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "DYLD_INSERT_LIBRARIES",
})  # fmt: skip
"""Variables that, set in the client's settings, lead its hooks to another home or other code, or switch them off; those
that begin with SECRETGUARD_ as well."""

PLUGIN = "secretguard@secretguard-local"
"""The mod, where it is installed, by the name that the client has for it."""
PREFIX, SHELL = "CLAUDE_CODE_SHELL_PREFIX", "secretguard-shell"
"""The variable by which the client's commands are redacted, and the file name of our program for it."""
LAUNCHER = "secretguard-claude-code"
"""File name of the launcher; an entry whose command has this name is ours, wherever it was installed."""


def record_path(path: str) -> str:
    """Where the installation into the settings file `path` (links resolved) is remembered, with the way back."""
    return os.path.join(state_dir(), "clients", f"claude-code-{sha256_hex(path.encode())[:16]}.json")


def changed(event: Event) -> Outcome:
    """Whether the changed settings may take effect: not when they disable or lose hooks, or cannot be read."""
    fields: dict[str, object] = {"path": event.path}
    path = os.path.realpath(event.path) if event.path else ""
    record = _record(path) if path else None
    try:
        data = contents(path) if path else None
    except TooLarge:
        return _refused(event.path, "is too large to look at", fields)
    if record is not None and LAUNCHER.encode() not in (data or b""):
        return _refused(event.path, "has lost the guard's hooks", fields)
    if data is None or not data.strip():
        return allowed("", "settings-absent", fields)
    try:
        settings = loads(data.removeprefix(b"\xef\xbb\xbf"))
    except JsonError:
        settings = None
    if not isinstance(settings, dict):
        return _refused(event.path, "is not valid JSON, so what it would do cannot be told", fields)
    harm = _harm(settings, record)
    return _refused(event.path, harm, fields) if harm else allowed("", "settings-harmless", fields)


def _record(path: str) -> dict[str, object] | None:
    """What an installation into `path` put in; an empty record where it cannot be read, None where there is none."""
    place = record_path(path)
    if not os.path.exists(place):
        return None
    try:
        record = loads(contents(place) or b"")
    except (JsonError, TooLarge):
        record = None
    return record if isinstance(record, dict) else {}


def _harm(settings: dict[str, object], record: dict[str, object] | None) -> str:
    """What a change does to the guard, as the end of a sentence; "" for nothing."""
    if record is not None:
        hooks, added = record.get("hooks"), record.get("added")
        lost = _lost(settings, hooks if isinstance(hooks, dict) else {})
        if lost:
            return f"has lost the guard's hook of {', '.join(lost)}"
        for item in _items(added):
            if isinstance(item, list) and len(item) == 2 and not _has(settings, _items(item[0]), item[1]):
                return f"has lost what the guard put at {'.'.join(map(str, _items(item[0])))}"
    for name in SWITCHES:
        if settings.get(name):
            return f"sets {name}, which would switch the guard off"
    plugins = settings.get("enabledPlugins")
    if isinstance(plugins, dict) and plugins.get(PLUGIN, True) is not True:
        return "switches the guard's plugin off"
    environment = settings.get("env")
    for name, value in environment.items() if isinstance(environment, dict) else ():
        if name == PREFIX and _other_prefix(value):
            return f"sets another {PREFIX}, which would take the place of the guard's"
        if name in REDIRECTS or name.startswith("SECRETGUARD_"):
            return f"sets {name} for the client's programs, which would lead the guard astray"
    return ""


def _other_prefix(value: object) -> bool:
    """Whether a shell prefix is none of ours while ours is installed for this user."""
    launcher = os.path.join(state_dir(), "hooks", SHELL)
    return value != launcher and not str(value).endswith(f"/claude-code/{SHELL}") and os.path.exists(launcher)


def _lost(settings: dict[str, object], entries: dict[str, object]) -> list[str]:
    """The events for which no hook of ours is left, another one than was installed, or one that some tools pass by."""
    hooks = settings.get("hooks")
    groups = hooks if isinstance(hooks, dict) else {}
    return [
        event
        for event in entries or KINDS
        if not any(_guards(group, entries.get(event)) for group in _items(groups.get(event)))
    ]


def _guards(group: object, entry: object) -> bool:
    if not isinstance(group, dict) or group.get("matcher") not in (None, "", "*"):
        return False
    items = _items(group.get("hooks"))
    if entry is not None:
        return entry in items
    commands = (item.get("command") for item in items if isinstance(item, dict))
    return any(os.path.basename(command) == LAUNCHER for command in commands if isinstance(command, str))


def _has(settings: object, path: list[object], value: object) -> bool:
    """Whether `value` is at `path`; where that ends in None, among the elements of the array there."""
    for step in path:
        if step is None:
            return value in _items(settings)
        settings = settings.get(step) if isinstance(settings, dict) else None
    return settings == value


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _refused(path: str, what: str, fields: dict[str, object]) -> Outcome:
    reason = (
        f"{path} {what}; the change does not take effect in this session. "
        "To stop guarding, run `secretguard uninstall claude-code` in a terminal and start a new session; "
        "to put the hooks right, `secretguard install claude-code`."
    )
    return refused("guard:settings:denied", Verdict(DENY, reason, "guard-stays-on"), fields)


def started(room: Room) -> Outcome:
    """A session begins: open everything once, so that what is missing is built now and not during a tool call."""
    from secretguard.known.standing import at_start

    room.engine, room.policy, room.tags  # noqa: B018 - opened for their effect: pack and policy are built when missing
    fields = {**at_start(room.project), "path": room.shown(room.project)}
    verdict = allowed("", "session-started", {}).verdict
    return Outcome(verdict, "guard:known:indexed", fields, notice=_old(room.client_version))


def _old(version: tuple[int, int, int] | None) -> str:
    if version is None or version >= capability.OLDEST_FAILING_CLOSED:
        return ""
    lacks = "does not know `onFailure`: a crashed hook lets the tool run"
    if version < capability.OLDEST_REDACTING:
        lacks = "cannot redact what tools print"
    return f"secretguard: this version of the client {lacks}. Update it to be protected."
