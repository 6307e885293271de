"""What a decision in the resident process has at hand: the same as in a hook's own process, the engine open already.

Which policy is in force, acceptances, keys and known values may change at any time and are looked up anew, as a hook
does: for every event, or once for those that are answered together. All of these had come before the first look and
none of them knows another's answer, so each is decided by what was in force after it had come. The engine cannot
change: where its rules do, the process ends (`resident/stamp.py`). A policy's table is named by its digest and kept.
Known values are held in memory, too, so that parts of a word are found.
"""

from __future__ import annotations

import contextlib
import time

from secretguard.guard.room import Room
from secretguard.known import resident
from secretguard.known.standing import FRESH, KnowingEngine
from secretguard.pack import open_engine
from secretguard.policy import compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from secretguard.detect.engine import Engine
    from secretguard.policy.table import Policy

_kept: list[Engine] = []
_moment: Moment | None = None


class Moment:
    """What was looked up for events that are answered together, by project; looked up again after `FRESH` seconds."""

    __slots__ = ("engines", "policies", "until")

    def __init__(self) -> None:
        self.engines: dict[str, KnowingEngine] = {}
        self.policies: dict[str, Policy] = {}
        self.until = time.monotonic() + FRESH


@contextlib.contextmanager
def one_moment() -> Iterator[None]:
    """The events that are decided inside share what is looked up. They must all have come before it begins."""
    global _moment
    _moment = Moment()
    try:
        yield
    finally:
        _moment = None


def _now() -> Moment:
    """The moment of the events that are being decided; outside of one, each look has its own."""
    global _moment
    if _moment is None:
        return Moment()
    if time.monotonic() > _moment.until:
        _moment = Moment()
    return _moment


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

    def _knowing(self) -> KnowingEngine:
        engines = _now().engines
        if self._looks or self.project not in engines:  # a session's start makes the index anew
            engines[self.project] = super()._knowing()
        return engines[self.project]

    def _in_force(self) -> Policy:
        policies = _now().policies
        if self._looks or self.project not in policies:  # a prompt looks harder, and may refresh
            policies[self.project] = super()._in_force()
        return policies[self.project]
