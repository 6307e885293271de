"""From a caller's files, or word, to another policy in force: the steps around `broker/policy/proposals.py`.

1 may they ask at all   2 compile, in a bounded process   3 what changes   4 write it down   5 each owner's word
What is refused is recorded with the deciding rule.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from broker.authenticate.identity import Identity
from broker.errors import BadRequest, BrokerError, Conflict, Refused, TooMany
from broker.issue.registry import require_known
from broker.policy import proposals
from broker.policy.compiling import Compile, checked
from broker.policy.difference import Difference, difference
from broker.policy.files import PolicyFiles
from broker.policy.owners import owners_of
from broker.policy.policy_set import PolicySet
from broker.policy.proposals import Proposal
from broker.policy.stored import Stored
from broker.service import Broker
from broker.store.log import append
from secretguard.errors import ConfigError


class Changing:
    """Changes of one broker's policy. Safe to share between threads; at most one policy is compiled at a time."""

    def __init__(self, broker: Broker, check: Compile = checked) -> None:
        self._broker, self._check = broker, check
        self._compiling = threading.BoundedSemaphore(1)

    @property
    def stored(self) -> Stored:
        """The policies of the store. Raises Conflict at a broker whose policy is not in its store."""
        if not isinstance(self._broker.policies, Stored):
            fix = "edit the files: `broker dev` reads them live"
            raise Conflict("this broker's policy is its directory's", fix, rule="policy-live")
        return self._broker.policies

    def propose(self, person: Identity, files: PolicyFiles, reason: str) -> Proposal:
        """Propose `files`. An owner's own proposal that loosens nothing is in force at once.

        Raises BadRequest (file and line), Refused, Conflict, TooMany, RecordFailed.
        """
        with self._recorded(person, files.digest):
            return self._proposed(person, files, reason)

    def decide(self, proposal_id: str, person: Identity, yes: bool, reason: str) -> Proposal:
        """An owner's word, or the proposer's who takes it back. Raises NotFound, Refused, Conflict, RecordFailed."""
        with self._recorded(person, proposal_id):
            base, now = self.stored.current(), self._now()
            with self._broker.database.write() as tx:
                owners = owners_of(base.rules)
                return proposals.decide(tx, proposal_id, person, yes, reason, owners, base.digest, now)

    def _proposed(self, person: Identity, files: PolicyFiles, reason: str) -> Proposal:
        again = self._again(person, files)
        if again is not None:
            return again
        base = self.stored.current()
        found = self._difference(base, files)
        now, owners = self._now(), owners_of(base.rules)
        with self._broker.database.write() as tx:
            made = proposals.propose(tx, person, files, base.digest, found, reason, now)
            if made.needs_both or not owners.sides(person):
                return made
            return proposals.decide(tx, made.id, person, True, reason, owners, base.digest, now)

    def _again(self, person: Identity, files: PolicyFiles) -> Proposal | None:
        """The answer that may have been lost: this person's proposal of this very policy."""
        with self._broker.database.read() as tx:
            known = proposals.newest(tx, person.id, files.digest, self._now())
            if known is None:
                proposals.require_room(tx, person, self._now())
            return known

    def _difference(self, base: PolicySet, files: PolicyFiles) -> Difference:
        if not self._compiling.acquire(blocking=False):
            raise TooMany("another proposed policy is being compiled", "try again in a moment", rule="policy-busy")
        try:
            proposed = self._check(files)
            require_known(proposed.tasks, self._broker.sources)
        except ConfigError as error:
            raise BadRequest(error.message, error.fix, rule="policy-set") from None
        finally:
            self._compiling.release()
        return difference(base, proposed)

    @contextlib.contextmanager
    def _recorded(self, person: Identity, what: str) -> Iterator[None]:
        try:
            yield
        except (Refused, BadRequest, TooMany) as no:
            self._refused(person, what, no)
            raise

    def _refused(self, person: Identity, what: str, no: BrokerError) -> None:
        told: dict[str, object] = {"by": person.id, "what": what, "rule": no.rule, "reason": no.message}
        with self._broker.database.write() as tx:
            append(tx, "broker:policy:refused", "", self._broker.clock(), told)

    def _now(self) -> int:
        return int(self._broker.clock())
