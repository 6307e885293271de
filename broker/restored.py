"""After the store was put back from a backup: make true again what it says, and let nothing live that it does not know.

An older store says things that are over: tasks that have ended are active again, approvals that were used may be used
again, and credentials that were issued since then are not in it at all. So every task that it says is alive is killed
with all that it has; whatever waits for a person is closed; and parents at Vault that are left after that belong to
tasks that the store never heard of, and are revoked with everything below them. Run before anything is served.
"""

from __future__ import annotations

import dataclasses

from broker.approve.tickets import State, expire
from broker.issue.vault_strays import Stray, close_strays
from broker.policy import proposals
from broker.receipt import Receipt
from broker.revoke import kill_scope
from broker.service import Broker
from broker.store.log import append
from broker.store.tables import approvals, policy_proposals


@dataclasses.dataclass(frozen=True, slots=True)
class Restored:
    """What was done: a receipt for each task that was killed, how many requests and proposals were closed, and the
    strays that Vault had (None: without Vault there is nothing to look through)."""

    receipts: tuple[Receipt, ...]
    approvals: int
    strays: tuple[Stray, ...] | None

    @property
    def complete(self) -> bool:
        """Whether nothing that can be taken back is known to be alive."""
        return all(one.complete for one in self.receipts) and not any(one.problem for one in self.strays or ())


def restored(broker: Broker, role: str, by: str, reason: str) -> Restored:
    """Do all of it, each step recorded. `role` is the token role of this broker's parents. Safe to repeat.

    Raises RecordFailed, and SourceFailed when Vault cannot be looked through: nothing may be served before it was.
    """
    receipts = kill_scope(broker, "all", by, reason)
    closed = _close_waiting(broker)
    strays = None if broker.vaults is None else close_strays(broker.vaults.revoker, role)
    with broker.database.write() as tx:
        for stray in strays or ():
            found = {"accessor": stray.accessor, "claimed_task": stray.task, "problem": stray.problem}
            append(tx, "broker:stray:revoked", "", broker.clock(), {"by": by, **found})
        counts = {"tasks": len(receipts), "approvals": closed, "strays": len(strays or ())}
        append(tx, "broker:store:restored", "", broker.clock(), {"by": by, "reason": reason, **counts})
    return Restored(receipts, closed, strays)


def _close_waiting(broker: Broker) -> int:
    """Requests and proposed policies: what was decided about them since the backup is not known."""
    now = int(broker.clock())
    waiting = approvals.c.state.in_([State.WAITING.value, State.GRANTED.value])
    with broker.database.write() as tx:
        open_now = (policy_proposals.c.state == "waiting") & (policy_proposals.c.expires_at > now)
        tx.execute(policy_proposals.update().where(open_now).values(expires_at=now))
        proposed = proposals.expire(tx, now)
        tx.execute(approvals.update().where(waiting, approvals.c.expires_at > now).values(expires_at=now))
        return proposed + expire(tx, now)
