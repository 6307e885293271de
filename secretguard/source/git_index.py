"""What a commit would hold: the blobs of the index, not the files of the work tree beside it.

Raises ConfigError where there is no repository or git refuses.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from secretguard.report.located import Skipped
from secretguard.source.git import Git

_SKIPPED_MODES = {"160000": "submodule", "120000": "symbolic link"}


@dataclass(frozen=True, slots=True)
class Blob:
    """One staged file: its path from the repository's root, and the object that the index holds for it."""

    path: str
    object_id: str


def staged(paths: Sequence[str] = ()) -> list[Blob | Skipped]:
    """Files added, copied, renamed or modified in the index against HEAD, in git's order.

    A rename counts as a new file and is scanned whole. `paths` limits the answer as git's own pathspecs do.
    """
    git = Git()
    git.ask("rev-parse", "--git-dir")  # else git compares files without a repository
    has_head = git.run("rev-parse", "--verify", "-q", "HEAD").returncode == 0
    options = ["--cached", "--raw", "-z", "--no-renames", "--abbrev=64", "--diff-filter=ACMT"]
    command = ["diff-index", *options, "HEAD"] if has_head else ["diff", "--no-ext-diff", *options]
    fields = git.ask(*command, "--", *paths).decode("utf-8", "surrogateescape").split("\0")
    found: list[Blob | Skipped] = []
    for described, path in zip(fields[0::2], fields[1::2], strict=False):
        _, mode, _, object_id, _ = described.split(" ")
        if mode in _SKIPPED_MODES:
            found.append(Skipped(path, _SKIPPED_MODES[mode]))
        elif not object_id.strip("0"):
            found.append(Skipped(path, "only announced (git add -N), nothing staged"))
        else:
            found.append(Blob(path, object_id))
    return found


class BlobReader:
    """One `git cat-file --batch` process that hands out blobs one after the other; a context manager."""

    def __init__(self, git: Git | None = None) -> None:
        self._git = git or Git()

    def __enter__(self) -> BlobReader:
        self._process = self._git.open("cat-file", "--batch")
        self._in: IO[bytes] = self._process.stdin  # type: ignore[assignment]
        self._out: IO[bytes] = self._process.stdout  # type: ignore[assignment]
        return self

    def __exit__(self, *_: object) -> None:
        self._in.close()
        self._out.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def reading(self, blob: Blob) -> Iterator[tuple[Callable[[int], bytes], int]]:
        """Yields once: a `read(n)` for the blob's bytes, and its size; what was not read is drained afterwards.

        Yields nothing when git does not have the object, or has no blob of that name. `object_id` must be one line.
        """
        self._in.write(blob.object_id.encode("utf-8", "surrogateescape") + b"\n")
        self._in.flush()
        header = self._out.readline().split()
        if len(header) != 3 or not header[2].isdigit():
            return
        left = size = int(header[2])

        def read(wanted: int) -> bytes:
            nonlocal left
            part = self._out.read(min(wanted, left))
            left -= len(part)
            return part

        try:
            if header[1] == b"blob":
                yield read, size
        finally:  # also for whoever stops in the middle: the next answer starts after this one
            while left and read(1 << 20):
                pass
            self._out.read(1)  # the line end after the object
