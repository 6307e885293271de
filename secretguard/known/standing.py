"""What is known in a project at this moment: the index, after its files were looked at again. Hot path.

One read and one `stat` a file; a file that changed is read again, and the index kept. An index that is missing is
built now, one that is damaged is built again and recorded.
"""

from __future__ import annotations

import time

from secretguard.detect.known import RECORD, joined
from secretguard.known.index import DamagedIndex, Index, index_key, load, stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from secretguard.detect.engine import Engine
    from secretguard.detect.finding import Finding
    from secretguard.detect.known import Known


FRESH = 1.0
"""Seconds for which what is known is not looked at again."""
in_memory: Callable[[str, bytes], list[Finding]] | None = None
"""What finds a project's values in a text by the values themselves; only in a process that stays (`resident.py`)."""
MOST_TOLD = 20
"""Gaps of an index that a record tells of."""


class KnowingEngine:
    """An engine of rules that finds a project's known values, too. In place of `Engine` where a text is to be hidden.

    The index is opened with the first scan, and looked at again after FRESH: one command may write `.env` and print it.
    `scan` raises GuardError without the user's key.
    """

    def __init__(self, engine: Engine, project: str) -> None:
        self._engine = engine
        self._project = project
        self._known: Known | None = None
        self._looked = 0.0
        self.version = engine.version

    def scan(self, data: bytes) -> list[Finding]:
        """Every finding in `data`, sorted by start, not overlapping."""
        now = time.monotonic()
        if self._known is None or now - self._looked > FRESH:
            self._known, self._looked = of_project(self._project), now
        found = joined(self._engine.scan(data), self._known.scan(data))
        return joined(found, in_memory(self._project, data)) if in_memory else found


def of_project(project: str) -> Known:
    """The values that are known in `project` (absolute, links resolved). Raises GuardError without the user's key."""
    key = index_key()
    return current(project, key).known(key)


def current(project: str, key: bytes) -> Index:
    """The index of `project` as it is now. Raises GuardError."""
    try:
        index = load(project, key)
    except FileNotFoundError:
        return _built(project)
    except DamagedIndex as error:
        _tell(project, str(error))
        return _built(project)
    moved = [number for number, (path, _, seen) in enumerate(index.files) if seen != stamp(str(path))]
    if not moved:
        return index
    from secretguard.known.build import reread

    return reread(index, moved, key)


def at_start(project: str) -> dict[str, object]:
    """Index the values of `project` anew, as a session begins; what its record says of it. Raises GuardError."""
    index = _built(project)
    read = sum(1 for _, _, seen in index.files if seen)
    fields: dict[str, object] = {"files": read, "values": len(index.records) // RECORD}
    return {**fields, "missing": index.missing[:MOST_TOLD]} if index.missing else fields


def _built(project: str) -> Index:
    from secretguard.known.build import build

    return build(project)


def _tell(project: str, why: str) -> None:
    from secretguard.audit.journal import user_journal

    user_journal().append("guard:known:damaged", {"path": project, "reason": why, "client": "secretguard"})
