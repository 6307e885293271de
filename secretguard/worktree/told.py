"""What a look found, as the journal's events: names after redaction, a bounded number, and the rest said. Pure."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Callable, Iterator

from secretguard.terminal import name_as_text
from secretguard.worktree.authors import Calls
from secretguard.worktree.compare import Change, kind
from secretguard.worktree.content import NONE
from secretguard.worktree.snapshot import UNKNOWN, Row

MOST_LISTED = 200
"""Changes of one look that are listed one by one."""
NOT_KNOWN = "not known"
"""In place of a digest: the file was not read before it changed."""

Told = tuple[str, dict[str, object]]


def changes(
    found: tuple[Change, ...],
    ignored: set[str],
    calls: Calls,
    unseen: str,
    full: Callable[[str], str],
    shown: Callable[[str], str],
) -> Iterator[Told]:
    """An event a change, files that git ignores last; after MOST_LISTED one event that says how many are left out.

    `unseen` is who changed a file where no call is known to have; `full` makes a path absolute, `shown` is how a record
    may hold it.
    """
    ordered = sorted(found, key=lambda change: change.path in ignored)
    for change in ordered[:MOST_LISTED]:
        path = full(change.path)
        fields: dict[str, object] = {"how": change.how, "path": shown(name_as_text(path))}
        if change.source:
            fields["source"] = shown(name_as_text(full(change.source)))
        fields |= {**_row("before", change.before), **_row("after", change.after), **_mode(change)}
        if change.path in ignored:
            fields["ignored"] = True
        fields["by"] = calls.by(change, path) or unseen
        if during := calls.during(change):
            fields["during"] = during
        yield "guard:file:changed", fields
    rest = ordered[MOST_LISTED:]
    if rest:
        counted = dict(Counter(change.how for change in rest))
        why = f"too many to list: {len(found)} files changed, {MOST_LISTED} are listed"
        yield "guard:files:unlisted", {"count": len(rest), "hows": counted, "reason": why}


def _row(when: str, row: Row | None) -> dict[str, object]:
    if row is None:
        return {f"digest_{when}": NONE}
    return {f"digest_{when}": NOT_KNOWN if row.digest == UNKNOWN else row.digest, f"bytes_{when}": row.size}


def _mode(change: Change) -> dict[str, object]:
    """What stands out about the file itself: that it is a link or special, or that its permissions are others."""
    row = change.after or change.before
    fields: dict[str, object] = {"kind": kind(row)} if row is not None and kind(row) else {}
    if change.before and change.after and change.before.mode != change.after.mode:
        modes = (stat.filemode(r.mode) for r in (change.before, change.after))
        fields["mode"] = " to ".join(modes)
    return fields
