"""What a decision in the resident process has at hand: the same as in a hook's own process, the engine open already.

Which policy is in force, acceptances, keys and known values are looked up anew for every event, as a hook does: they
may change at any time. The engine cannot: where its rules change, the process ends (`resident/stamp.py`). A policy's
table is named by its digest and kept. Known values are held in memory, too, so that parts of a word are found.
"""

from __future__ import annotations

from secretguard.guard.room import Room
from secretguard.known import resident
from secretguard.pack import open_engine
from secretguard.policy import compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.detect.engine import Engine

_kept: list[Engine] = []


def open_all() -> None:
    """Open what every event needs, and keep it from now on. Raises GuardError."""
    compiled.tables = {}
    resident.activate()
    engine()


def engine() -> Engine:
    """This process's one engine; one thread uses it. Raises GuardError."""
    if not _kept:
        _kept.append(open_engine())
    return _kept[0]


class WarmRoom(Room):
    """A Room whose engine is this process's."""

    def rules(self) -> Engine:
        """The engine of the rules alone. Raises GuardError."""
        return engine()
