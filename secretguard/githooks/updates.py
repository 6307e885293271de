"""What git tells a hook about a push, and which commits it brings (githooks(5), `pre-push` and `pre-receive`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from secretguard.errors import GuardError
from secretguard.source.git import Git
from secretguard.source.git_index import Blob

LARGEST = 32 * 1024 * 1024
"""Bytes of a hook's standard input."""

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Update:
    """One ref of a push: the object that it is to name, and the one that it names at the receiver (empty: none)."""

    ref: str
    new: str
    old: str


def from_push(data: bytes) -> list[Update]:
    """Updates as `pre-push` is told them, deletions left out. Raises GuardError for a line that is none.

    The first field is what the person typed and may hold spaces (`HEAD@{1 day ago}`); the others hold none.
    """
    fields = [line.rsplit(" ", 3) for line in _lines(data)]
    return _updates((row[2], row[1], row[3]) if len(row) == 4 else ("", "", "") for row in fields)


def from_receive(data: bytes) -> list[Update]:
    """Updates as `pre-receive` is told them, deletions left out. Raises GuardError for a line that is none."""
    fields = [line.split(" ", 2) for line in _lines(data)]
    return _updates((row[2], row[1], row[0]) if len(row) == 3 else ("", "", "") for row in fields)


def _lines(data: bytes) -> list[str]:
    if len(data) > LARGEST:
        raise GuardError("git named more refs than can be read", "push them in smaller steps")
    return [line for line in data.decode("utf-8", "surrogateescape").split("\n") if line]


def _updates(rows: Iterable[tuple[str, str, str]]) -> list[Update]:
    found = []
    for ref, new, old in rows:
        if not ref or not _ID.fullmatch(new) or not _ID.fullmatch(old):
            raise GuardError("git's list of what is pushed could not be read", "is the hook started by git itself?")
        if new.strip("0"):
            found.append(Update(ref, new, old if old.strip("0") else ""))
    return found


def present(git: Git, objects: Sequence[str]) -> list[str]:
    """The commits among `objects`, tags followed to theirs, that the repository has; in their order."""
    return [commit for commit in _commits(git, objects) if commit]


def _commits(git: Git, objects: Sequence[str]) -> list[str]:
    """For each object the commit that it is or that its tag names; empty for anything else."""
    if not objects:
        return []
    asked = "".join(f"{name}^{{commit}}\n" for name in objects).encode("ascii")
    answers = git.ask("cat-file", "--batch-check=%(objecttype) %(objectname)", stdin=asked).decode("ascii", "replace")
    return [line[7:] if line.startswith("commit ") else "" for line in answers.splitlines()]


def commits(git: Git, tips: Sequence[str], known: Sequence[str], others: str) -> list[str]:
    """Commits that the commits `tips` reach and neither `known` nor the refs of the option `others` (`--all`,
    `--remotes=NAME`) do: newest first."""
    if not tips:
        return []
    asked = "".join(f"{name}\n" for name in (*tips, *(f"^{one}" for one in known))).encode("ascii")
    options = ("--date-order", "--stdin", *(("--not", others) if others else ()))
    return git.ask("rev-list", *options, stdin=asked).decode("ascii").split()


def loose(git: Git, updates: Sequence[Update]) -> list[Blob]:
    """The files of refs that name no commit, but a file, a folder, or a tag of one; rare, and pushed all the same."""
    blobs = []
    found = zip(updates, _commits(git, [update.new for update in updates]), strict=True)
    for update in (update for update, commit in found if not commit):
        listed = git.ask("rev-list", "--objects", update.new, "--").decode("utf-8", "surrogateescape")
        for line in listed.splitlines():
            object_id, _, path = line.partition(" ")
            blobs.append(Blob(path or update.ref, object_id))
    return blobs
