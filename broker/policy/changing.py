"""From a caller's files, or word, to another policy in force: the steps around `broker/policy/proposals.py`.

1 may they ask at all   2 compile, in a bounded process   3 what changes   4 write it down   5 each owner's word
What is refused is recorded with the deciding rule, and counted where it is too much (`broker/log/refusals.py`).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from broker.authenticate.identity import Identity
from broker.errors import BadRequest, BrokerError, Conflict, Refused, TooMany
from broker.issue.registry import require_known
from broker.log.refusals import admitted
from broker.policy import proposals
from broker.policy.attempts import Attempts
from broker.policy.compiling import SECONDS, Compile, checked
from broker.policy.difference import Difference, difference
from broker.policy.files import PolicyFiles
from broker.policy.owners import owners_of
from broker.policy.policy_set import PolicySet
from broker.policy.proposals import Proposal, State
from broker.policy.stored import Stored
from broker.service import Broker
from broker.store.log import append
from secretguard.errors import ConfigError


class Changing:
    """Changes of one broker's policy. Safe to share between threads.

    One policy is compiled at a time for those who are no owners, and one for owners, who wait for each other but never
    for the rest: a tightening is not kept up by a flood of proposals.
    """

    def __init__(self, broker: Broker, check: Compile = checked) -> None:
        self._broker, self._check = broker, check
        self._attempts = Attempts()
        self._compiling = {owner: threading.BoundedSemaphore(1) for owner in (True, False)}

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
        base = self.stored.current()
        owners = owners_of(base.rules)
        owner = bool(owners.sides(person))
        again = self._again(person, files, owner)
        if again is not None:
            return again
        if not owner:
            self._attempts.count(person.id, self._now())
        found, now = self._difference(base, files, owner), self._now()
        with self._broker.database.write() as tx:
            made = proposals.propose(tx, person, files, base.digest, found, reason, owner, now)
            if made.needs_both or not owner or made.state is not State.WAITING:
                return made
            return proposals.decide(tx, made.id, person, True, reason, owners, base.digest, now)

    def _again(self, person: Identity, files: PolicyFiles, owner: bool) -> Proposal | None:
        """The answer that may have been lost: this person's proposal of this very policy."""
        with self._broker.database.read() as tx:
            known = proposals.newest(tx, person.id, files.digest, self._now())
            if known is None:
                proposals.require_room(tx, person, owner, self._now())
            return known

    def _difference(self, base: PolicySet, files: PolicyFiles, owner: bool) -> Difference:
        if not self._compiling[owner].acquire(timeout=SECONDS if owner else 0):
            raise TooMany("another proposed policy is being compiled", "try again in a moment", rule="policy-busy")
        try:
            proposed = self._check(files)
            require_known(proposed.tasks, self._broker.sources)
        except ConfigError as error:
            raise BadRequest(error.message, error.fix, rule="policy-set") from None
        finally:
            self._compiling[owner].release()
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
            if admitted(tx, person.id, self._broker.clock()):
                append(tx, "broker:policy:refused", "", self._broker.clock(), told)

    def _now(self) -> int:
        return int(self._broker.clock())
