"""What a repository's ignore files leave out, decided as git does: the deepest file first, the last pattern wins.

Read: `.gitignore` of every folder from the repository's root down, and `.git/info/exclude`. Not read: the user's global
ignore file, so that two people scan the same files.
"""

from __future__ import annotations

import os
import stat
import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # loaded where there is an ignore file: it costs 25 ms
    from pathspec import GitIgnoreSpec

MAX_BYTES = 1024 * 1024
"""Longest ignore file that is read."""


class Level(NamedTuple):
    """The ignore patterns of `folder` (absolute), and those of the folders above."""

    folder: str
    spec: GitIgnoreSpec
    above: Level | None

    def ignores(self, path: str, is_folder: bool) -> bool:
        """Whether `path` (absolute, below `folder`) is left out."""
        level: Level | None = self
        while level is not None:
            relative = os.path.relpath(path, level.folder).replace(os.sep, "/")
            decided = level.spec.check_file(relative + "/" if is_folder else relative).include
            if decided is not None:
                return decided
            level = level.above
        return False


def for_folder(folder: str) -> Level | None:
    """The patterns that hold in `folder`, from its repository's root down; None where there are none."""
    folder = os.path.abspath(folder)
    root = repository(folder)
    if root is None:
        return descend(None, folder)
    level = _read(None, root, os.path.join(root, ".git", "info", "exclude"))
    level = descend(level, root)
    at = root
    relative = os.path.relpath(folder, root)
    for name in [] if relative == "." else relative.split(os.sep):
        at = os.path.join(at, name)
        level = descend(level, at)
    return level


def descend(level: Level | None, folder: str) -> Level | None:
    """`level` with the ignore file of `folder` added, where it has one."""
    return _read(level, folder, os.path.join(folder, ".gitignore"))


def repository(folder: str) -> str | None:
    """The root of the repository that `folder` lies in, or None."""
    at = folder
    while not os.path.exists(os.path.join(at, ".git")):
        parent = os.path.dirname(at)
        if parent == at:
            return None
        at = parent
    return at


def _read(above: Level | None, folder: str, path: str) -> Level | None:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # a FIFO must not wait
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return above
            lines = file.read(MAX_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return above
    return Level(folder, _compiled([line for line in lines if _is_pattern(line)]), above)


def _compiled(lines: list[str]) -> GitIgnoreSpec:
    """The patterns as one. Python's warnings about their regular expressions (`[[`) are of no use to anybody here."""
    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return GitIgnoreSpec.from_lines(lines)


def _is_pattern(line: str) -> bool:
    """Git passes over a pattern that makes no sense (`!`, `/`); so must a scan."""
    try:
        _compiled([line])
    except ValueError:
        return False
    return True
