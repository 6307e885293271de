"""Two looks at a project → what changed between them. Pure: everything that is not in the rows is asked of the caller.

Nothing is claimed that was not seen. A file that is new to the list was created where its last change is younger than
the look before; otherwise it *appeared*: moved here with its folder, or no longer ignored. A file that is no longer
listed was deleted where it is gone, and otherwise not changed.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass

from secretguard.worktree.content import NONE
from secretguard.worktree.snapshot import UNKNOWN, Row, Snapshot

CREATED, APPEARED, MODIFIED, DELETED, RENAMED = "created", "appeared", "modified", "deleted", "renamed"
SLACK = 20_000_000
"""Nanoseconds by which a file's times may lag behind the clock: the kernel notes them once a tick (10 ms at most)."""


@dataclass(frozen=True)
class Change:
    """One file that changed. `before` and `after` are its rows, None where it was not there; `source` of a rename."""

    how: str
    path: str
    before: Row | None
    after: Row | None
    source: str = ""


@dataclass(frozen=True)
class Compared:
    """The changes in the order of their paths, and the rows of now with all digests that are known."""

    changes: tuple[Change, ...]
    files: dict[str, Row]


def compare(
    last: Snapshot,
    files: dict[str, Row],
    digest: Callable[[str, Row], str],
    exists: Callable[[str], bool],
    complete: bool = True,
) -> Compared:
    """What changed from `last` to `files`, whose rows have no digests yet.

    `digest` reads a file; it is asked only for those that moved. `exists` says whether a file is there that is not
    listed. Where the list of now or of then is not `complete`, no file is said to have appeared.
    """
    now = {path: known(last.files.get(path), row) for path, row in files.items()}
    gone = {path: row for path, row in last.files.items() if path not in files and not exists(path)}
    moved = {_identity(row): path for path, row in gone.items()}
    changes = []
    for path, row in now.items():
        before = last.files.get(path)
        if before is not None and before.same_file(row):
            continue
        source = moved.pop(_identity(row), "") if before is None else ""
        if source:
            row = row._replace(digest=gone[source].digest)
            changes.append(Change(RENAMED, path, gone.pop(source), row, source))
        elif before is None and row.changed < last.taken - SLACK:
            if complete:
                row = row._replace(digest=digest(path, row))
                changes.append(Change(APPEARED, path, None, row))
        else:
            row = row._replace(digest=digest(path, row))
            if before is None or _differs(before, row):
                changes.append(Change(MODIFIED if before else CREATED, path, before, row))
        now[path] = row
    changes += [Change(DELETED, path, row, None) for path, row in gone.items()]
    return Compared(tuple(sorted(changes, key=lambda change: change.path)), now)


def until(compared: Compared, last: Snapshot, moment: int, gone_at: Callable[[str], int]) -> Compared:
    """`compared` as it was at `moment` (nanoseconds since 1970): what changed after it is left to the next look.

    A look takes a while to begin, and a turn that it was to come before may have changed files by then. `gone_at` says
    when a file that is not there any more was last seen to go.
    """
    kept, files = [], dict(compared.files)
    for change in compared.changes:
        at = change.after.changed if change.after else gone_at(change.path)
        if at <= moment:
            kept.append(change)
            continue
        files.pop(change.path, None)
        if change.before is not None:
            before = change.source or change.path
            files[before] = last.files[before]
    return Compared(tuple(kept), files)


def known(before: Row | None, row: Row) -> Row:
    """`row` with the digest of `before`, where that is still valid for it."""
    return row._replace(digest=before.digest) if before is not None and before.same_file(row) else row


def _identity(row: Row) -> tuple[int, int, int]:
    """What a rename leaves as it is; an inode number alone is used again at once."""
    return row.inode, row.size, row.modified


def _differs(before: Row, after: Row) -> bool:
    """Whether content or mode is another one; where the content of then is not known, times and size decide."""
    if before.mode != after.mode:
        return True
    if is_digest(before.digest) and is_digest(after.digest) and _key(before) == _key(after):
        return before.digest != after.digest
    times = after.changed == before.changed or not before.changed  # 0: it was too young to be compared by its times
    return not times or before[:3] != after[:3] or before.inode != after.inode


def _key(row: Row) -> str:
    """The id of the key of a row's digest: digests under two keys tell nothing of each other."""
    return row.digest.partition(":")[0] if ":" in row.digest else ""


def is_digest(text: str) -> bool:
    """Whether it is a digest and not UNKNOWN or the words for why there is none."""
    return text not in (UNKNOWN, NONE) and " " not in text


def kind(row: Row) -> str:
    """What sort of file it is, "" for a regular one."""
    if stat.S_ISREG(row.mode):
        return ""
    return "link" if stat.S_ISLNK(row.mode) else "special"
