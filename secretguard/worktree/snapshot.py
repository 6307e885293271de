"""What a look saw, and where it is kept until the next: a row a file, by its path from the project's folder.

One JSON file a session, 0600, replaced whole. It holds names, sizes, times and keyed digests, no content.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import NamedTuple

from secretguard.rawjson import JsonError, dumps, loads
from secretguard.whole_file import replace

VERSION = 1
UNKNOWN = ""
"""In place of a digest: not taken yet."""
_HEAD_KEYS = {"v", "taken", "journal", "heads", "gaps", "files"}


class Row(NamedTuple):
    """One file as lstat(2) gives it, times in nanoseconds. `digest`: UNKNOWN, a keyed digest, or why there is none."""

    mode: int
    size: int
    modified: int
    changed: int
    inode: int
    digest: str = UNKNOWN

    def same_file(self, other: Row) -> bool:
        """Whether nothing that the system notes has changed: then the content has not, either."""
        return self[:5] == other[:5]


@dataclass
class Snapshot:
    """`taken` in nanoseconds since 1970, before the first file was looked at; `journal` the last record then.

    `heads`: folder of a repository ("" for the project) → its commit, "" where it has none. `gaps`: why something may
    not have been seen.
    """

    taken: int
    journal: int
    heads: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    files: dict[str, Row] = field(default_factory=dict)


def load(path: str) -> Snapshot | None:
    """The snapshot in `path`; None where there is none. Raises ValueError for a damaged one, OSError."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as file:
        data = file.read()
    try:
        stored = loads(data)
    except JsonError as error:
        raise ValueError(str(error)) from None
    if not isinstance(stored, dict) or stored.keys() != _HEAD_KEYS or stored["v"] != VERSION:
        raise ValueError("of another form")
    files, heads, gaps = stored["files"], stored["heads"], stored["gaps"]
    numbers = [type(stored[name]) for name in ("taken", "journal")] == [int, int]
    if not (isinstance(files, dict) and isinstance(heads, dict) and isinstance(gaps, list) and numbers):
        raise ValueError("of another form")
    rows = {name: _row(value) for name, value in files.items()}
    known = {str(name): str(commit) for name, commit in heads.items()}
    return Snapshot(stored["taken"], stored["journal"], known, [str(gap) for gap in gaps], rows)


def _row(value: object) -> Row:
    if not isinstance(value, list) or len(value) != 6 or [type(v) for v in value] != [int] * 5 + [str]:
        raise ValueError("a row of another form")
    return Row(*value)


def save(path: str, snapshot: Snapshot) -> None:
    """Replace the file at `path`, whole or not at all. Raises OSError."""
    document = {
        "v": VERSION, "taken": snapshot.taken, "journal": snapshot.journal, "heads": snapshot.heads,
        "gaps": snapshot.gaps, "files": snapshot.files,
    }  # fmt: skip
    replace(path, dumps(document).encode("ascii"), fresh=f"{path}.new")  # one look at a time: nobody else writes here
