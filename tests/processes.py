"""What a test can see of processes on Linux."""

from __future__ import annotations

import os
from pathlib import Path


def children() -> set[int]:
    """Process ids of this process's own children, dead ones that nobody waited for among them.

    Other tests' servers are children too: compare before and after, and never wait for *any* child.
    """
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text().rpartition(")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        if int(parent) == os.getpid():
            found.add(int(stat.parent.name))
    return found
