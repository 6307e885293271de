"""Which files of a repository are a written policy: to change one is to change what needs a review, so it needs one."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable

RULES = "rules.cedar"
BESIDE = ("facts.toml", "examples.toml")
"""Files that are policy in a folder that has rules."""

MAX_FOLDERS = 200
"""Folders that are looked up for one push; in what goes beyond, every file of such a name is taken for policy."""


def policy_paths(touched: Iterable[str], exists: Callable[[str], bool]) -> set[str]:
    """Those of `touched` (relative, `/`) that are `rules.cedar`, or in a folder with one: `facts.toml`,
    `examples.toml`, `tasks/*.toml`. `exists` says whether a path was there before the push."""
    known: dict[str, bool] = {}
    found = set()
    for path in touched:
        folder, name = posixpath.split(path)
        if name == RULES:
            found.add(path)
            continue
        if posixpath.basename(folder) == "tasks" and name.endswith(".toml"):
            folder = posixpath.dirname(folder)
        elif name not in BESIDE:
            continue
        if folder not in known:
            known[folder] = len(known) >= MAX_FOLDERS or exists(posixpath.join(folder, RULES))
        if known[folder]:
            found.add(path)
    return found
