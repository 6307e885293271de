"""The policy directory beside a store that has a policy in force: a source of proposals, and no more than that."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection

from broker.issue.registry import require_known
from broker.policy.compiling import compiled
from broker.policy.files import PolicyFiles, read_files
from broker.policy.policy_set import PolicySet
from broker.store.database import Database
from broker.store.log import append
from secretguard.errors import ConfigError
from secretguard.terminal import printable

log = logging.getLogger("broker.policy")


class Directory:
    """What `path` says compared with what is in force. Safe to share between threads."""

    def __init__(self, path: str, database: Database, clock: Callable[[], float]) -> None:
        self.path = path
        self._database, self._clock = database, clock
        self._told = ""
        self._lock = threading.Lock()

    def files(self) -> PolicyFiles:
        """The directory's policy as it stands. Raises ConfigError (file and line)."""
        return read_files(self.path)

    def usable(self, sources: Collection[str]) -> tuple[PolicyFiles, PolicySet]:
        """The same, and compiled, its examples run, its sources known. Raises ConfigError (file and line)."""
        files = self.files()
        try:
            made = compiled(files, examples=True)
            require_known(made.tasks, sources)
        except ConfigError as error:
            raise ConfigError(f"{self.path}/{error.message}", error.fix) from None
        return files, made

    def notice(self, digest: str) -> str:
        """ "" while it says the same as the policy in force (`digest`), else that it differs, in words that anybody may
        read; that is recorded, and logged with its cause, once. Raises RecordFailed."""
        cause = ""
        try:
            found = self.files().digest
        except ConfigError as error:
            found, cause = "", f": {error.message}"
            told = "the policy directory cannot be read, the policy in force stays"
        else:
            told = f"the policy directory has {found[:12]}, in force stays {digest[:12]}: `broker policy propose` it"
        if found == digest:
            return ""
        with self._lock:
            if told + cause != self._told:
                with self._database.write() as tx:
                    append(tx, "broker:policy:ignored", "", self._clock(), {"in_force": digest, "disk": found})
                log.warning("%s", printable(told + cause))
                self._told = told + cause
        return told
