"""Which files a scan reads: those named, and everything below the folders named. What is left out is said, with bytes.

Symbolic links are followed only where the user named one; below a folder they are reported and left alone.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator

from secretguard.errors import ConfigError
from secretguard.report.located import Skipped
from secretguard.source import gitignore
from secretguard.source.gitignore import Level

IGNORED, GIT_FOLDER = "ignored by .gitignore", "git's own folder"
_CHOSEN = (IGNORED, GIT_FOLDER)


class Unreadable(Exception):
    """A file that cannot be scanned: why, and how many bytes it has."""

    def __init__(self, reason: str, size: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.size = size


def walk(paths: Iterable[str], use_gitignore: bool = True) -> Iterator[str | Skipped]:
    """Files to scan and what is left out, sorted within each folder; a file named twice comes once.

    Raises ConfigError for a path that does not exist.
    """
    seen: set[str] = set()
    for path in paths:
        if not os.path.lexists(path):
            raise ConfigError(f"{path}: no such file or folder")
        found: Iterable[str | Skipped] = _below(path, use_gitignore) if os.path.isdir(path) else [path]
        for item in found:
            name = item if isinstance(item, str) else item.path
            if name not in seen:
                seen.add(name)
                yield item


def _below(top: str, use_gitignore: bool) -> Iterator[str | Skipped]:
    pending: list[tuple[str, Level | None]] = [(top, gitignore.for_folder(top) if use_gitignore else None)]
    while pending:
        folder, level = pending.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Skipped(folder, _reason(error))
            continue
        deeper: list[tuple[str, Level | None]] = []
        for entry in listed:
            path = os.path.normpath(entry.path) if folder == "." else entry.path
            left_out = _left_out(entry, level)
            if left_out:
                yield Skipped(path, left_out, _size(entry), chosen=left_out in _CHOSEN)
            elif entry.is_dir(follow_symlinks=False):
                deeper.append((path, gitignore.descend(level, os.path.abspath(path)) if use_gitignore else None))
            else:
                yield path
        pending += reversed(deeper)


def _left_out(entry: os.DirEntry[str], level: Level | None) -> str:
    """Why `entry` is not scanned, or nothing."""
    if entry.is_symlink():
        return "symbolic link"
    if entry.name == ".git":
        return GIT_FOLDER
    folder = entry.is_dir(follow_symlinks=False)
    if level is not None and level.ignores(os.path.abspath(entry.path), folder):
        return IGNORED
    if not folder and not entry.is_file(follow_symlinks=False):
        return "special file"
    return ""


def _size(entry: os.DirEntry[str]) -> int:
    """Bytes below `entry`, as far as they can be seen."""
    if entry.is_symlink():
        return 0
    if not entry.is_dir(follow_symlinks=False):
        return entry.stat(follow_symlinks=False).st_size if entry.is_file(follow_symlinks=False) else 0
    total, pending = 0, [entry.path]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for child in entries:
                    if child.is_dir(follow_symlinks=False):
                        pending.append(child.path)
                    elif child.is_file(follow_symlinks=False):
                        total += child.stat(follow_symlinks=False).st_size
        except OSError:
            continue  # counted as far as it can be read
    return total


def open_file(path: str) -> tuple[int, int]:
    """A descriptor for the regular file `path`, and its size in bytes.

    Raises Unreadable for what is no regular file or may not be read; never blocks on a pipe or a device.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        raise Unreadable(_reason(error)) from None
    info = os.fstat(fd)
    if stat.S_ISREG(info.st_mode):
        return fd, info.st_size
    os.close(fd)
    raise Unreadable("special file")


_REASONS = {errno.EACCES: "permission denied", errno.EPERM: "permission denied", errno.ENOENT: "gone while scanning"}


def _reason(error: OSError) -> str:
    if error.errno == errno.ENXIO:
        return "special file"
    return _REASONS.get(error.errno or 0, f"cannot be read: {error.strerror}")
