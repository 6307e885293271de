"""What `secretguard status` shows, as one document: what guards here, how it stands, what it did. Off the hot path."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from pathlib import Path
from typing import Any

from secretguard import false_alarms
from secretguard.acceptance import today
from secretguard.agents import claude_install
from secretguard.agents import claude_settings as settings
from secretguard.agents.claude_checks import guarded_scopes
from secretguard.agents.claude_mod import NAME as PLUGIN
from secretguard.audit import reader
from secretguard.errors import ConfigError
from secretguard.githooks import standing as githooks
from secretguard.guard import given, leftover, pause
from secretguard.places import state_dir
from secretguard.policy.layers import in_force
from secretguard.policy.observe import told
from secretguard.policy.table import Policy
from secretguard.wrapper.launcher import NAME as WRAPPER
from secretguard.wrapper.launcher import VARIABLE

Document = dict[str, Any]

LAST = 5
"""Records of the journal that are shown."""
_SHOWN = ("time", "event", "tool", "path", "command", "rule", "outcome")
_COUNTED = "guard:"


def document(here: str) -> Document:
    """All of it for the folder `here` (links resolved). Raises GuardError where no policy can be opened."""
    policy = in_force(here, look=True)
    counts, last = _journal(os.path.join(state_dir(), "audit"))
    return {
        "version": 1,
        "folder": here,
        "layers": _layers(Path(here)),
        "policy": _policy(policy, here),
        "pause": _pause(policy),
        "accepted": [_public(entry) for entry in false_alarms.entries() if entry.get("project", "") in ("", here)],
        "session": _session(here),
        "not_back": [{"path": one.path, "copy": one.copy} for one in leftover.left()],
        "record": {"directory": os.path.join(state_dir(), "audit"), "counts": counts, "last": last},
    }


def _layers(project: Path) -> Document:
    """Which parts of the guard are in the client's settings, by scope, and in git."""
    wrapper, plugin = [], []
    for scope in settings.SCOPES:
        known = _settings(scope, project)
        prefix = _table(known, "env").get(VARIABLE)
        if isinstance(prefix, str) and os.path.basename(prefix) == WRAPPER:
            wrapper.append(scope)
        if any(name.partition("@")[0] == PLUGIN and on for name, on in _table(known, "enabledPlugins").items()):
            plugin.append(scope)
    try:
        hooks = guarded_scopes(project)
    except ConfigError:  # `doctor` says what is wrong with the settings; hooks that cannot be read guard nothing
        hooks = []
    return {"hooks": hooks, "shell": wrapper, "plugin": plugin, "git": githooks.line(str(project))}


def _settings(scope: str, project: Path) -> Document:
    path = settings.settings_path(scope, project)
    try:
        data = claude_install.read(path)
        return settings.parse(data, path) if data else {}
    except ConfigError:
        return {}


def _table(known: Document, name: str) -> Document:
    table = known.get(name)
    return table if isinstance(table, dict) else {}


def _policy(policy: Policy, here: str) -> Document:
    return {
        "digest": policy.digest,
        "layers": [{"name": name, "place": place} for name, place, _ in policy.standing.layers],
        "environment": policy.environment(here),
        "data": policy.data_class(here),
        "broken": policy.standing.faults,
        "observe": told(policy, time.time()),
        "no_effect": policy.standing.notes,
    }


def _pause(policy: Policy) -> Document | None:
    found = pause.in_force()
    if found is None:
        return None
    return {"until": found.until, "by": found.by, "why": found.why, "counts": pause.allowed_by(policy)}


def _public(entry: dict[str, str]) -> Document:
    """An accepted entry without its digest."""
    over = bool(entry.get("until")) and entry["until"] < today()
    return {**{name: value for name, value in entry.items() if name != "digest"}, "over": over}


def _session(here: str) -> Document | None:
    """What the client's session that this runs in was told, else the latest one in this folder."""
    wanted = os.environ.get("CLAUDE_CODE_SESSION_ID", "")
    for session in given.sessions():
        if session.id == wanted if wanted else session.rows[0]["project"] == here:
            secrets = [
                {name: row[name] for name in ("tag", "rule", "what", "masked", "where", "outcome")}
                | {"times": session.counts[row["tag"]]}
                for row in _worst(session.rows)
            ]
            return {"id": session.id, "last": session.last, "secrets": secrets}
    return None


def _worst(rows: list[given.Row]) -> list[given.Row]:
    """One row a tag: that with the worst outcome, which came last."""
    return list({row["tag"]: row for row in rows}.values())


def _journal(directory: str) -> tuple[dict[str, int], list[Document]]:
    """How often each event of the guard is in the journal, and the last that were more than let through; lines that
    cannot be read are left to `audit verify`."""
    counts: Counter[str] = Counter()
    last: deque[Document] = deque(maxlen=LAST)
    try:
        for record in reader.records(directory):
            event = str(record.get("event"))
            if event.startswith(_COUNTED):
                counts[event] += 1
                if not event.endswith((":allowed", ":ended", ":compared", ":changed", ":moved")):
                    last.append({name: record[name] for name in _SHOWN if name in record})
    except ConfigError:  # nothing was recorded yet
        return {}, []
    return dict(sorted(counts.items())), list(last)
