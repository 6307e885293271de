"""Private copies of written files that wait for no hook any more: told, and settled before the guard is taken out.

Nearly always there are none: the event after a write settles its copy (`guard/restore.py`). Not on the hot path.
"""

from __future__ import annotations

import os
import time
from typing import NamedTuple

from secretguard.agents.event import START, Event
from secretguard.guard import restore, snapshots
from secretguard.guard.room import Room

WAITING_FOR = 60.0
"""Seconds after which a copy is not one of a write under way."""


class Left(NamedTuple):
    """A copy that waits: of which file, where it is, for how many seconds."""

    path: str
    copy: str
    seconds: float


def left() -> list[Left]:
    """The copies of writes that are not under way, oldest first; what cannot be read is no copy."""
    found = filter(None, map(snapshots.read, snapshots.waiting()))
    now = time.time()
    return [Left(one.path, one.file, now - one.at) for one in found if now - one.at > WAITING_FOR]


def settle(folder: str) -> list[str]:
    """Put back what waits, as the start of a session in `folder` would; what stands in the way, a sentence each."""
    if not snapshots.waiting():
        return []
    event = Event(START, folder, {})
    return restore.settle(event, Room(event, os.environ), {"client": "secretguard"}).problems
