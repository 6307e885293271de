"""What passes between the steps of a history's scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

Progress = Callable[[int, int], None]
"""Called with the commits or blobs, and the bytes, done since the last call."""

WHOLE_FILE = 0
"""As a hit's line: anything in that file may be it, or every place of its value."""

BINARY = "binary"
"""As a hit's rule: git calls the file binary; it is looked at for text in UTF-16."""


class Hit(NamedTuple):
    """Something was seen in what a commit added: where, under which rule.

    `value` is a keyed digest of the secret, empty where only the whole file can tell. No secret is in it, so that it
    can be kept on disk.
    """

    commit: str
    path: str
    blob: str
    line: int
    rule: str
    value: str


@dataclass(slots=True)
class Sifted:
    """What a part of a history gave. `gaps` tell what was not scanned: a place, the reason, its bytes."""

    hits: list[Hit] = field(default_factory=list)
    gaps: list[tuple[str, str, int]] = field(default_factory=list)
    files: int = 0
    bytes: int = 0
    commits: int = 0

    def add(self, other: Sifted) -> None:
        """Take in another part of the same history."""
        self.hits += other.hits
        self.gaps += other.gaps
        self.files += other.files
        self.bytes += other.bytes
        self.commits += other.commits
