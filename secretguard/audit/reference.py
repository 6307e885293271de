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
_HEAD = """# Events

Every event that the guard, the gate, the broker and the sandbox record. This page is written by
`secretguard audit events --markdown`; the table in code is `secretguard/audit/vocabulary.py`, and nothing outside of it
can be recorded. The last column is the class of [OCSF](https://schema.ocsf.io) {version} that
`secretguard audit export` gives it.

Durability: *observe* may be lost with the machine's power, and the gap is counted; *decision* is on the disk before the
answer; *release* is on the disk before anything is released.
"""


def markdown() -> str:
    """The page: one table an area, in the vocabulary's order."""
    lines = [_HEAD.format(version=ocsf.VERSION)]
    for area, events in groupby(EVENTS.items(), key=lambda item: item[0].partition(":")[0]):
        lines += [f"## {area}", "", "| event | durability | says | OCSF |", "|---|---|---|---|"]
        lines += [f"| `{name}` | {kind} | {says} | {_class(name)} |" for name, (kind, says) in events]
        lines.append("")
    return "\n".join(lines)


def _class(name: str) -> str:
    kind = ocsf.EVENTS[name][0]
    return f"{kind} {_CLASSES[kind]}"
