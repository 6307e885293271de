"""What `doctor` says about a project's known values: how many there are, how they are found, what was left out."""

from __future__ import annotations

import os
from collections.abc import Iterator

from secretguard.agents.claude_checks import GOOD, WARNING, Sign
from secretguard.detect.known import RECORD
from secretguard.known.index import index_key
from secretguard.known.standing import current
from secretguard.resident.start import state
from secretguard.terminal import printable


def signs(project: str) -> Iterator[Sign]:
    """The signs of sessions that start in `project`. Raises GuardError without the user's key."""
    index = current(os.path.realpath(project), index_key())
    files = sum(1 for _, _, seen in index.files if seen)
    found = "plain and encoded, as whole words (by their digests)"
    if state() is not None:
        found += "; inside other words and over line ends where the plugin's mod asks the resident process, which runs"
    else:
        found += "; not inside other words or over line ends: no resident process runs (`secretguard serve`)"
    yield Sign(GOOD, f"{len(index.records) // RECORD} values of {files} files of secrets are known, and found {found}")
    for gap in index.missing:
        yield Sign(WARNING, printable(f"values that are not known: {gap}"), "`secretguard known list --again`")
    if not index.stored:
        yield Sign(WARNING, "the index of known values cannot be kept: each event builds it anew", "is the disk full?")
