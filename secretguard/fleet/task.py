"""What passes between the steps of a scan of many repositories, and from one machine to another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DEADLINE = 3600.0
"""Seconds that one repository may take, its clone included."""

LARGEST = 256 * 1024 * 1024
"""Bytes of one shard."""


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the list: what it says, the name of its shard (without ending), and either a URL to clone or the
    absolute path of a folder."""

    text: str
    name: str
    place: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One repository and how it is scanned. `options` are JSON values and stand in the shard. `key` makes fingerprints
    and is not shown where a task is printed, as a scheduler does in its log."""

    target: Target
    options: dict[str, Any]
    key: bytes = field(repr=False)
    deadline: float = DEADLINE


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task: the whole shard, or the reason why there is none."""

    target: Target
    shard: bytes = field(default=b"", repr=False)
    error: str = ""
