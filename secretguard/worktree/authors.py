"""Who may have changed a file, from what the journal says of the same session. Pure.

Two things are seen and no more: the content that a Write or Edit left behind, by its digest, and the time in which a
command ran. A file whose content is exactly what a tool wrote was written by that call. A file whose last change falls
into a command's time was changed *during* it, by whomever.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from secretguard.audit.record import Record, moment
from secretguard.audit.select import same_file
from secretguard.worktree.compare import Change, is_digest

UNSEEN = "a command of this turn, or somebody else"
UNSEEN_BETWEEN = "somebody else, or a command that went on or was interrupted"
"""The same for what is seen when a turn begins."""
MOST_CALLS = 20
"""Calls that one change names."""
WRITERS = frozenset({"Write", "Edit", "MultiEdit", "NotebookEdit"})
_BEGINNING = ("guard:command:allowed", "guard:command:asked")
_TICK = 20_000_000
"""Nanoseconds between a file's time and the clock, and between the clock and a record's time in milliseconds."""


@dataclass
class Calls:
    """`wrote`: (call, path as the tool named it, digest left behind); `ran`: call → [begin, end] in nanoseconds."""

    wrote: list[tuple[str, str, str]] = field(default_factory=list)
    ran: dict[str, list[int]] = field(default_factory=dict)

    def by(self, change: Change, path: str) -> list[str]:
        """The calls that wrote exactly what is in the file now. `path` is absolute."""
        digest = change.after.digest if change.after else ""
        if not is_digest(digest):
            return []
        return [call for call, name, left in self.wrote if left == digest and same_file(name, path)][-MOST_CALLS:]

    def during(self, change: Change) -> list[str]:
        """The commands in whose time the file's last change falls; of a deleted file it is not known."""
        at = change.after.changed if change.after else 0
        return [call for call, (begin, end) in self.ran.items() if begin - _TICK <= at <= end + _TICK][-MOST_CALLS:]


def calls(records: Iterable[Record], session: str, since: int, now: int) -> Calls:
    """The calls of `session` in `records` that ended after `since`; an allowed command without a result runs until
    `now`, one that was asked about may never have run. Both in nanoseconds since 1970."""
    found = Calls()
    for record in records:
        call, tool, at = record.get("tool_use_id"), record.get("tool"), nanoseconds(record.get("time"))
        if record.get("session_id") != session or not isinstance(call, str) or not call:
            continue
        if str(tool) in WRITERS and isinstance(left := record.get("digest_after"), str):
            if at >= since - _TICK:
                found.wrote.append((call, str(record.get("path", "")), left))
        elif tool == "Bash" and call in found.ran:
            found.ran[call][1] = at
        elif tool == "Bash" and (event := record.get("event")) in _BEGINNING:
            found.ran[call] = [at, now if event == _BEGINNING[0] else 0]
    return found


def nanoseconds(time: object) -> int:
    """A record's time in nanoseconds since 1970, to the millisecond; 0 where it is none."""
    return int(moment(time) * 1000) * 1_000_000
