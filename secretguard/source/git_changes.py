"""Which files each commit changed, from what blob to what blob: git compares trees for it and reads no file.

The format is that of `git log --raw -z` (git-diff-tree(1), "Raw output format" and "diff format for merges").
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, NamedTuple

from secretguard.errors import ConfigError
from secretguard.source.git import Git

_LOG = (
    "log", "--stdin", "--no-walk=unsorted", "--raw", "-z", "--cc", "--no-abbrev", "--no-renames", "--no-ext-diff",
    "--no-color", "--no-show-signature", "--no-notes", "--no-decorate", "--ignore-submodules=all", "--format=%x01%H",
)  # fmt: skip
_READ = 1 << 20
_COMMIT, _SUBMODULE = "\x01", "160000"


class Change(NamedTuple):
    """A file that a commit has otherwise than every parent: its path as git has it, its blob, those that it had."""

    commit: str
    path: str
    blob: str
    before: list[str]


def changes(git: Git, ids: Sequence[str], processes: int = 1) -> Iterator[Change]:
    """What the commits `ids` changed, in that order; what they removed is left out. Each of so many processes of git
    answers for a part of them.

    Raises ConfigError where git cannot tell it all.
    """
    size = max(1, -(-len(ids) // processes))
    with contextlib.ExitStack() as stack:
        asked = []
        for at in range(0, len(ids), size):
            errors = stack.enter_context(tempfile.TemporaryFile())
            asked.append((stack.enter_context(git.fed(*_LOG, lines=ids[at : at + size], stderr=errors)), errors))
        for process, errors in asked:
            yield from parsed(fields(process.stdout))  # type: ignore[arg-type]  # a pipe, as `fed` makes it
            if process.wait(timeout=30):
                errors.seek(0)
                reason = errors.read(4096).decode("utf-8", "replace").strip().splitlines()
                raise ConfigError(f"git log: {reason[0] if reason else 'failed'}")


def parsed(parts: Iterator[bytes]) -> Iterator[Change]:
    """The changes in the fields of git's answer: a commit's id, then a description and a path for each file.

    Raises ConfigError for what is no such answer.
    """
    commit = ""
    for part in parts:
        described = part.lstrip(b"\n").decode("ascii", "replace")
        if described.startswith(_COMMIT):
            commit = described[1:]
        elif described:
            path = next(parts, b"").decode("utf-8", "surrogateescape")
            *before, blob = _blobs(described)
            if blob:
                yield Change(commit, path, blob, [old for old in before if old])


def _blobs(described: str) -> list[str]:
    """The blobs of the parents and the new one; "" where there is none, or a submodule."""
    parents = len(described) - len(described.lstrip(":"))
    words = described[parents:].split(" ")
    if not parents or len(words) != 2 * (parents + 1) + 1:
        raise ConfigError("git log: it does not answer as git does")
    versions = zip(words[: parents + 1], words[parents + 1 : -1], strict=True)
    return [blob if mode != _SUBMODULE and blob.strip("0") else "" for mode, blob in versions]


def fields(pipe: IO[bytes]) -> Iterator[bytes]:
    """The fields of a stream that are separated by NUL."""
    rest = b""
    while part := pipe.read(_READ):
        *whole, rest = (rest + part).split(b"\0")
        yield from whole
    if rest:
        yield rest
