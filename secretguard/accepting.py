"""Writing what `false_alarms.py` reads: entries are added and taken out under a lock, each on record before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from secretguard.acceptance import Acceptance, today
from secretguard.audit.journal import user_journal
from secretguard.audit.lock import lock
from secretguard.errors import ConfigError
from secretguard.false_alarms import MOST, entries, path_of
from secretguard.places import private_dir
from secretguard.policy import kept

Entry = dict[str, str]

LOCK_SECONDS = 10.0
_KEY = ("scope", "project", "digest", "rule", "path")
"""What makes two entries the same one."""


def add(new: Entry, said: Acceptance) -> None:
    """Accept `new` as `said`; one that is there already takes the new words. Recorded before it counts.

    Raises ConfigError, and RecordError where it cannot be recorded.
    """
    entry = {**new, **said.fields(), "at": today()}
    with _locked() as known:
        others = [old for old in known if not _same(old, entry)]
        others = [old for old in others if not (old.get("until") and old["until"] < today())]
        if len(others) >= MOST:
            raise ConfigError(f"{MOST} values are accepted already", "`secretguard accept --list`, then --remove some")
        user_journal().append("guard:value:accepted", _recorded(entry))
        _write([*others, entry])


def remove(is_meant: Callable[[Entry], bool], by: str) -> list[Entry]:
    """Take out the entries that `is_meant` names, and return them. Recorded, then done. Raises ConfigError."""
    with _locked() as known:
        gone = [entry for entry in known if is_meant(entry)]
        for entry in gone:
            user_journal().append("guard:value:withdrawn", {**_recorded(entry), "by": by})
        if gone:
            _write([entry for entry in known if entry not in gone])
    return gone


def _same(one: Entry, other: Entry) -> bool:
    return all(one.get(name, "") == other.get(name, "") for name in _KEY)


def _recorded(entry: Entry) -> dict[str, object]:
    """What a record says of an entry: all but the digest and the masked form of the value."""
    return {name: value for name, value in entry.items() if name not in ("digest", "masked", "at") and value}


@contextmanager
def _locked() -> Iterator[list[Entry]]:
    """The entries as they are, nobody else writing. Raises ConfigError where they cannot be read or written."""
    path = path_of()
    try:
        private_dir(os.path.dirname(path))
        fd = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ConfigError(f"{path}.lock: {error.strerror}") from None
    try:
        if not lock(fd, LOCK_SECONDS):
            raise ConfigError(f"{path} is being written by another process", "try again")
        if os.path.lexists(path) and kept.read(path) is None:
            raise ConfigError(f"{path} is damaged or not private, and accepts nothing", "delete it and accept anew")
        yield entries()
    finally:
        os.close(fd)


def _write(listed: list[Entry]) -> None:
    if not kept.write(path_of(), {"version": 1, "entries": listed}):
        raise ConfigError(f"{path_of()} could not be written", "free space on that disk")
