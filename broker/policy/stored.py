"""The policy of `broker serve`: the one that the store says is in force, the same at every replica from one commit on.

A request asks the store for the digest (one row) and finds the compiled policy by it in memory. Whoever acts on a
policy holds it still until their record is committed (`broker/policy/turn.py`). So no credential is recorded under a
policy that was not in force at that moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import sqlalchemy as sa

from broker.errors import Conflict, Refused
from broker.policy.compiling import Compile, compiled
from broker.policy.directory import Directory
from broker.policy.files import PolicyFiles
from broker.policy.policy_set import PolicySet
from broker.policy.proposals import activate, files_of, in_force, keep
from broker.policy.turn import alone, beside
from broker.store.database import Database
from secretguard.errors import ConfigError

KEPT = 8
"""Compiled policies in memory; the one that was asked for longest ago goes first."""

AT_FIRST_START = "taken from disk at first start"


class Stored:
    """The policies of one store. Safe to share between threads."""

    def __init__(self, database: Database, directory: Directory | None = None, compiler: Compile = compiled) -> None:
        self._database, self._directory, self._compile = database, directory, compiler
        self._sets: dict[str, PolicySet] = {}
        self._lock = threading.Lock()

    def current(self) -> PolicySet:
        """The policy in force. Raises RecordFailed, and Refused where this program cannot compile it."""
        with self._database.read() as tx:
            digest = in_force(tx)
        return self.of(digest)

    def of(self, digest: str) -> PolicySet:
        """A stored policy, compiled once. Raises NotFound, Refused."""
        with self._lock:
            held = self._sets.pop(digest, None) or self._compiled(digest)
            self._sets[digest] = held
            while len(self._sets) > KEPT:
                del self._sets[next(iter(self._sets))]
            return held

    def require(self, tx: sa.Connection, held: PolicySet) -> None:
        """Raises Conflict unless `held` is in force; until this transaction ends nobody changes that."""
        beside(tx)
        if in_force(tx) != held.digest:
            raise Conflict("another policy came into force at this very moment", "ask again", rule="policy-moved")

    def notice(self) -> str:
        """How the policy directory differs from what is in force. Raises RecordFailed."""
        if self._directory is None:
            return ""
        with self._database.read() as tx:
            digest = in_force(tx)
        return self._directory.notice(digest)

    def _compiled(self, digest: str) -> PolicySet:
        with self._database.read() as tx:
            files = files_of(tx, digest)
        try:
            return self._compile(files)
        except ConfigError as error:
            fix = "`broker policy recover` puts another one in force"
            raise Refused(f"the policy in force cannot be used: {error.message}", fix, rule="policy-broken") from None


def has_policy(database: Database) -> bool:
    """Whether a policy is in force in this store."""
    with database.read() as tx:
        return bool(in_force(tx))


def take_at_first_start(database: Database, read: Callable[[], PolicyFiles], now: int) -> bool:
    """In a store that has no policy put the one that `read` gives in force; whether it did. Raises what `read` does.

    Replicas that start at once do it one after the other. From then on the directory only proposes.
    """
    if has_policy(database):
        return False
    files = read()
    with database.write() as tx:
        alone(tx)
        if in_force(tx):
            return False
        activate(tx, keep(tx, files, now), "first", "", [], AT_FIRST_START, now)
        return True
