"""A project's known values in memory, for a process that stays: found inside other words, over line ends and colours.

The values are read from the project's own files and never written anywhere; those that `known sync` took from a store
are known by digests alone, and are found as the hook finds them (`standing.py`).
"""

from __future__ import annotations

import os
import time

from secretguard.detect.known_plain import Plain
from secretguard.known import standing
from secretguard.known.build import contents
from secretguard.known.families import values
from secretguard.known.index import SYNCED, Index, index_key, shown, stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.detect.finding import Finding


MOST = 16
"""Projects whose values are kept in memory at once."""
_projects: dict[str, Resident] = {}


def activate() -> None:
    """From here on every `standing.KnowingEngine` of this process finds values inside other words, too."""
    standing.in_memory = _scan


def _scan(project: str, data: bytes) -> list[Finding]:
    resident = _projects.pop(project, None) or Resident(project)
    _projects[project] = resident  # the last one is the newest
    while len(_projects) > MOST:
        del _projects[next(iter(_projects))]
    return resident.scan(data)


class Resident:
    """The values of `project`. `scan` finds them in a text; before, it looks whether their files changed."""

    def __init__(self, project: str) -> None:
        self._project = os.path.realpath(project)
        self._stamps: list[tuple[str, str, list[int]]] = []
        self._plain = Plain([])
        self._looked = 0.0

    def scan(self, data: bytes) -> list[Finding]:
        """Every known value in `data` that is a value of a file, wherever it stands, sorted, not overlapping.

        Raises GuardError without the user's key.
        """
        self._refresh()
        return self._plain.scan(data)

    def _refresh(self) -> None:
        """Read the files again where one changed; digests of what changed are known before that (`standing.py`)."""
        now = time.monotonic()
        if self._looked and now - self._looked < standing.FRESH:
            return
        self._looked = now
        index = standing.current(self._project, index_key())
        stamps = [(str(path), str(kind), stamp(str(path))) for path, kind, _ in index.files]
        if stamps != self._stamps:
            self._plain, self._stamps = Plain(_values(index)), stamps


def _values(index: Index) -> list[tuple[bytes, bool, str, str]]:
    """(value, whether it is weak, variable, words) of each value that a file holds now."""
    found = []
    for path, kind, _ in index.files:
        data = contents(str(path)) if kind != SYNCED else None
        for variable, value, weak, _ in values(str(kind), data) if data else ():
            found.append((value, weak, variable, f"{variable} of {shown(str(path), index.project)}"))
    return found
