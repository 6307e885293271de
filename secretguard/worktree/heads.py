"""HEAD moved between two looks: commits, a checkout or a reset. What lies between, asked of git without contents."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from secretguard.terminal import name_as_text
from secretguard.worktree.git import Git, GitFailed
from secretguard.worktree.told import Told

MOST_FILES, MOST_CHARACTERS = 200, 4_500
"""Names that one event lists, and the characters of all: a record holds 32 KiB, and one of them may be six bytes."""
_HEX = frozenset("0123456789abcdef")


def moves(
    git: Git, project: str, before: dict[str, str], now: dict[str, str], shown: Callable[[str], str]
) -> Iterator[Told]:
    """An event for each repository that both looks saw and whose commit is another one now."""
    for prefix in sorted(before.keys() & now.keys()):
        old, new = before[prefix], now[prefix]
        if old != new:
            folder = os.path.join(project, prefix) if prefix else project
            yield "guard:head:moved", {"path": shown(name_as_text(folder)), **_between(git, folder, old, new, shown)}


def _between(git: Git, folder: str, old: str, new: str, shown: Callable[[str], str]) -> dict[str, object]:
    fields: dict[str, object] = {"old": old or "none", "new": new or "none"}
    if not (_is_commit(new) and (_is_commit(old) or not old)):
        return fields
    try:
        bound = [f"^{old}"] if old else []
        fields["commits"] = int(git.ask(folder, "rev-list", "--count", new, *bound)[0])
        if old:
            fields["taken_back"] = int(git.ask(folder, "rev-list", "--count", old, f"^{new}")[0])
            listed = git.ask(folder, "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", old, new)
        else:
            listed = git.ask(folder, "ls-tree", "-r", "-z", "--name-only", "--full-tree", new)
    except (GitFailed, ValueError) as problem:
        return {**fields, "reason": f"what lies between is not known: {problem}"}
    names = [os.fsdecode(name) for name in listed[0].split(b"\0") if name]
    listing: list[str] = []
    left = MOST_CHARACTERS
    for name in names[:MOST_FILES]:
        listing.append(shown(name_as_text(name)))
        left -= len(listing[-1])
        if left < 0:
            break
    fields["files"] = listing
    if len(names) > len(listing):
        fields["files_left_out"] = len(names) - len(listing)
    return fields


def _is_commit(text: str) -> bool:
    return len(text) in (40, 64) and _HEX.issuperset(text)
