"""The policy of `broker dev`: the directory's, as it stands at each request. One user edits it and is the only one it
binds; where others are bound, `broker/policy/stored.py` is what counts."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import sqlalchemy as sa

from broker.errors import Conflict, Refused
from broker.policy.policy_set import PolicySet
from secretguard.errors import ConfigError, GuardError

Marks = tuple[tuple[str, int, int, int], ...]


class Live:
    """`load` reads the policy (raises ConfigError or GuardError); it is called again when a file in one of `places`
    was changed, came or went. Safe to share between threads."""

    def __init__(self, load: Callable[[], PolicySet], places: tuple[str, ...]) -> None:
        """Raises ConfigError or GuardError for a policy that is broken from the start."""
        self._load, self._places = load, places
        self._lock = threading.Lock()
        self._marks = self._look()
        self._held: PolicySet | Refused = load()

    def current(self) -> PolicySet:
        """The policy of the files as they are now. Raises Refused (file and line) while they are broken."""
        with self._lock:
            marks = self._look()
            if marks != self._marks:
                self._marks, self._held = marks, self._read()
            if isinstance(self._held, Refused):
                raise Refused(self._held.message, self._held.fix, rule=self._held.rule)
            return self._held

    def require(self, tx: sa.Connection, held: PolicySet) -> None:  # noqa: ARG002  # no store is asked here
        """Raises Conflict where the files say something else by now."""
        if self.current() is not held:
            raise Conflict("the policy was edited at this very moment", "ask again", rule="policy-moved")

    def notice(self) -> str:
        """That nobody but this user stands behind it."""
        return "read live from disk: development only"

    def _read(self) -> PolicySet | Refused:
        try:
            return self._load()
        except (ConfigError, GuardError) as error:
            return Refused(error.message, error.fix or "mend the file; it is read again", rule="policy-broken")

    def _look(self) -> Marks:
        found = []
        for place in self._places:
            for folder in (place, os.path.join(place, "tasks")):
                try:
                    with os.scandir(folder) as entries:
                        infos = [(entry.path, entry.stat()) for entry in entries]
                except OSError:
                    continue
                found += [(path, info.st_mtime_ns, info.st_size, info.st_ino) for path, info in infos]
        return tuple(sorted(found))
