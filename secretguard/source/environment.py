"""The environment of a process, a variable at a time: what every program started from it inherits."""

from __future__ import annotations

import os
from collections.abc import Iterator

from secretguard.errors import ConfigError

LARGEST = 32 * 1024 * 1024
"""Bytes of one environment; Linux gives a process at most a quarter of its stack limit, 2 MiB by default."""


def variables(pid: int | None = None) -> Iterator[tuple[str, bytes]]:
    """(name, `NAME=value`) of this process or, on Linux, of process `pid` as it was started, in its order.

    Raises ConfigError where that process is not there or belongs to somebody else.
    """
    if pid is None:
        yield from ((os.fsdecode(name), name + b"=" + value) for name, value in os.environb.items())
        return
    path = f"/proc/{pid}/environ"
    try:
        with open(path, "rb") as file:
            entries = file.read(LARGEST).split(b"\0")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", "a process of your own, on Linux; `ps -e` lists them") from None
    yield from ((os.fsdecode(entry.split(b"=", 1)[0]), entry) for entry in entries if b"=" in entry)
