"""Values that a person accepted as no secrets: what the guard then leaves alone. Hot path, where there is a finding.

One private file. An entry is the keyed digest of a value, its masked form, who accepted it, why and until when, and
where that counts: in one project, for this user everywhere, or (`rule` and `path`, no value) a rule in the files of a
pattern. It is written by `secretguard accept` alone; a file that is damaged or not private accepts nothing.
"""

from __future__ import annotations

import os
import time

from secretguard.places import state_dir
from secretguard.policy import kept
from secretguard.policy.glob import matches, normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.detect.finding import Finding
    from secretguard.placeholder import Placeholders

    Entry = dict[str, str]

MOST = 2000
"""Entries; more are refused where they are written."""
PROJECT, USER, RULE = "project", "user", "rule"
"""Where an entry counts."""


def path_of() -> str:
    """The file; `guard/room.py` looks whether it is there before it imports this."""
    return os.path.join(state_dir(), "false-alarms")


def entries() -> list[Entry]:
    """What is accepted, expired entries among it; none where the file is absent or cannot be trusted."""
    document = kept.read(path_of())
    listed = document.get("entries") if document else None
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def left(found: list[Finding], project: str, path: str, tags: Placeholders) -> list[Finding]:
    """`found` without what is accepted in `project`; `path` is the one file that the text came from, "" if unknown."""
    listed = _in_force(project)
    if not listed:
        return found
    digests = {entry.get("digest") for entry in listed if entry.get("scope") != RULE}
    rules = {entry.get("rule") for entry in listed if entry.get("scope") == RULE and _covers(entry, path)}
    return [f for f in found if f.rule_id not in rules and not (digests and tags.everywhere(f.value) in digests)]


def _in_force(project: str) -> list[Entry]:
    """The entries that count in `project` today (UTC), by which an acceptance ends everywhere at once."""
    now = time.gmtime()
    today = f"{now.tm_year:04d}-{now.tm_mon:02d}-{now.tm_mday:02d}"
    return [
        entry
        for entry in entries()
        if entry.get("project", "") in ("", project) and (not entry.get("until") or entry["until"] >= today)
    ]


def _covers(entry: Entry, path: str) -> bool:
    return bool(path) and matches(entry.get("path", ""), normal(path))
