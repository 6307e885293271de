"""What a commit would hold: the blobs of the index, not the files of the work tree beside it.

Raises ConfigError where there is no repository or git refuses.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from secretguard.errors import ConfigError
from secretguard.report.located import Skipped

DEADLINE = 120.0
"""Seconds that git may take to list the index."""

_SKIPPED_MODES = {"160000": "submodule", "120000": "symbolic link"}
_NO_BLOB = "0" * 40


@dataclass(frozen=True, slots=True)
class Blob:
    """One staged file: its path from the repository's root, and the object that the index holds for it."""

    path: str
    object_id: str


def staged(paths: Sequence[str] = ()) -> list[Blob | Skipped]:
    """Files added, copied, renamed or modified in the index against HEAD, in git's order.

    A rename counts as a new file and is scanned whole. `paths` limits the answer as git's own pathspecs do.
    """
    command = ["git", "diff-index" if _has_head() else "diff", "--cached", "--raw", "-z", "--no-renames", "--abbrev=64"]
    command += ["--diff-filter=ACMT"] + (["HEAD"] if command[1] == "diff-index" else []) + ["--", *paths]
    fields = _git(command).decode("utf-8", "surrogateescape").split("\0")
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


def _has_head() -> bool:
    return _run(["git", "rev-parse", "--verify", "-q", "HEAD"]).returncode == 0


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, capture_output=True, timeout=DEADLINE, check=False)
    except FileNotFoundError:
        raise ConfigError("git is not installed", "install git, or scan files without --staged") from None
    except subprocess.TimeoutExpired:
        raise ConfigError(f"git did not answer in {DEADLINE:.0f} s") from None


def _git(command: list[str]) -> bytes:
    done = _run(command)
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ConfigError(f"--staged: {reason[0] if reason else 'git failed'}", "run it inside a git repository")
    return done.stdout


class BlobReader:
    """One `git cat-file --batch` process that hands out blobs one after the other; a context manager."""

    def __enter__(self) -> BlobReader:
        self._process = subprocess.Popen(["git", "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
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

        Yields nothing when git does not have the object.
        """
        self._in.write(blob.object_id.encode() + b"\n")
        self._in.flush()
        header = self._out.readline().split()
        if len(header) != 3:
            return
        left = size = int(header[2])

        def read(wanted: int) -> bytes:
            nonlocal left
            part = self._out.read(min(wanted, left))
            left -= len(part)
            return part

        yield read, size
        while left and read(1 << 20):
            pass
        self._out.read(1)  # the line end after the object
