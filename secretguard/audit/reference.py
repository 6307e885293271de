"""The vocabulary as a page for readers: `docs/reference/events.md` is what this writes."""

from __future__ import annotations

from itertools import groupby

from secretguard.audit import ocsf
from secretguard.audit.vocabulary import EVENTS

_CLASSES = {
    ocsf.FILE: "File System Activity",
    ocsf.PROCESS: "Process Activity",
    ocsf.FINDING: "Detection Finding",
    ocsf.SESSION: "Authorize Session",
    ocsf.ENTITY: "Entity Management",
    ocsf.API: "API Activity",
}
_CRUD = {ocsf.CREATE: "Create", ocsf.READ: "Read", ocsf.UPDATE: "Update", ocsf.DELETE: "Delete", ocsf.OTHER: "Other"}
_ACTIVITIES = {
    ocsf.PROCESS: {ocsf.LAUNCH: "Launch", ocsf.TERMINATE: "Terminate"},
    ocsf.SESSION: {ocsf.CREATE: "Assign Privileges"},
}
"""Class → its activities, where they are not those of _CRUD."""
_ACTIONS = {0: "Unknown", 1: "Allowed", 2: "Denied", 3: "Observed", 4: "Modified"}
_DISPOSITIONS = {
    0: "Unknown", 1: "Allowed", 2: "Blocked", 7: "Custom Action", 8: "Approved", 14: "Delayed", 15: "Detected",
    24: "Access Revoked", 25: "Rejected", 27: "Error",
}  # fmt: skip
_SEVERITIES = {1: "informational", 2: "low", 3: "medium", 4: "high", 5: "critical"}
_HEAD = """# Events

Every event that the guard, the gate, the broker and the sandbox record. This page is written by
`secretguard audit events --markdown`; the table in code is `secretguard/audit/vocabulary.py`, and nothing outside of it
can be recorded. The last three columns are what `secretguard audit export` and `ship`, `broker log export` and `ship`
make of it in [OCSF](https://schema.ocsf.io) {version}: class and activity; action and disposition; severity.

Durability: *observe* may be lost with the machine's power, and the gap is counted; *decision* is on the disk before the
answer; *release* is on the disk before anything is released.
"""


def markdown() -> str:
    """The page: one table an area, in the vocabulary's order."""
    lines = [_HEAD.format(version=ocsf.VERSION)]
    for area, events in groupby(EVENTS.items(), key=lambda item: item[0].partition(":")[0]):
        lines += [
            f"## {area}",
            "",
            "| event | durability | says | OCSF | decided | severity |",
            "|---|---|---|---|---|---|",
        ]
        lines += [f"| `{name}` | {kind} | {says} | {_mapped(name)} |" for name, (kind, says) in events]
        lines.append("")
    return "\n".join(lines)


def _mapped(name: str) -> str:
    kind, activity, (action, disposition, _), severity = ocsf.EVENTS[name]
    said = _ACTIVITIES.get(kind, _CRUD)[activity]
    decided = dict.fromkeys((_ACTIONS[action], _DISPOSITIONS[disposition]))
    return f"{kind} {_CLASSES[kind]}: {said} | {', '.join(decided)} | {_SEVERITIES[severity]}"
