"""Which folders' memory files Claude Code loads for a file that a tool opens, and whether there are any. Hot path.

A module of its own because each call of a tool asks, and nearly always the answer is no.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

FILES = ("CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", ".claude/CLAUDE.md")
TREES = (".claude/rules",)


def below(project: str, paths: Iterable[str]) -> list[str]:
    """The folders below `project` down to each of `paths`, each once: the client loads their memory files, too."""
    found: dict[str, None] = {}
    root = project.rstrip("/") + "/"
    for path in paths:
        folder = os.path.dirname(path)
        while folder.startswith(root) and folder != root and folder not in found:
            found[folder] = None
            folder = os.path.dirname(folder)
    return list(found)


def any_memory(project: str, paths: Iterable[str]) -> bool:
    """Whether there is a memory file in one of those folders."""
    return any(os.path.lexists(f"{folder}/{name}") for folder in below(project, paths) for name in (*FILES, *TREES))
