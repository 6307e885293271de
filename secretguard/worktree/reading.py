"""Contents of a project's files, read for their digests: as many bytes as a look may read, never a special file."""

from __future__ import annotations

import hashlib
import os
import stat
import time

from secretguard.worktree.content import NO_FILE, content, link_digest, too_large
from secretguard.worktree.snapshot import UNKNOWN, Row, Snapshot

LARGEST_FILE, MOST_BYTES = 16 << 20, 256 << 20
"""Bytes of one file, and of all files of one look, that are read."""


class Contents:
    """The files of `project`, by their paths from it. `key` is the user's."""

    def __init__(self, project: str, key: bytes) -> None:
        self._project = project
        self._key = key
        self._read = 0

    def digest(self, name: str, row: Row) -> str:
        """The digest of the file, or why there is none; UNKNOWN where this look has read enough."""
        if stat.S_ISLNK(row.mode):
            try:
                return link_digest(self._key, os.readlink(self._path(name)))
            except OSError:
                return UNKNOWN
        if not stat.S_ISREG(row.mode):
            return NO_FILE
        if row.size > LARGEST_FILE:
            return too_large(LARGEST_FILE)
        if self._read + row.size > MOST_BYTES:
            return UNKNOWN
        self._read += row.size
        return content(self._path(name), self._key, LARGEST_FILE, hashlib.sha256)[0]

    def exists(self, name: str) -> bool:
        """Whether there is such a file, or nobody can tell."""
        try:
            os.lstat(self._path(name))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        return True

    def gone_at(self, name: str) -> int:
        """When the folder of a file that is gone was changed last, in nanoseconds; of the nearest one that is there."""
        while name:
            name = os.path.dirname(name)
            try:
                return os.lstat(self._path(name)).st_mtime_ns
            except OSError:
                if name in ("", "/"):
                    break
        return 0

    def fill(self, snapshot: Snapshot, deadline: float) -> bool:
        """Read what is not known yet, so that the next look can say what it was, until `deadline` (time.monotonic());
        whether anything was read. A file that moved since it was listed stays unknown.
        """
        filled = False
        for name, row in snapshot.files.items():
            if row.digest != UNKNOWN:
                continue
            if time.monotonic() > deadline:
                break
            digest = self.digest(name, row)
            if digest != UNKNOWN and self._unmoved(name, row):
                snapshot.files[name] = row._replace(digest=digest)
                filled = True
        return filled

    def _unmoved(self, name: str, row: Row) -> bool:
        try:
            info = os.lstat(self._path(name))
        except OSError:
            return False
        now = (info.st_mode, info.st_size, info.st_mtime_ns, info.st_ino)
        return now == (row.mode, row.size, row.modified, row.inode) and row.changed in (0, info.st_ctime_ns)

    def _path(self, name: str) -> str:
        return os.path.join(self._project, name)
