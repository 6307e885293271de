"""After the store was put back from a backup: make true again what it says, and let nothing live that it does not know.

An older store says things that are over: tasks that have ended are active again, approvals that were used may be used
again, and credentials that were issued since then are not in it at all. So every task that it says is alive is killed
with all that it has; whatever waits for a person is closed; and parents at Vault that are left after that belong to
tasks that the store never heard of, and are revoked with everything below them. Run before anything is served.
"""

from __future__ import annotations

import dataclasses

from broker.approve.tickets import State, expire
from broker.issue.vault_strays import Stray, close, strays
from broker.policy import proposals
from broker.receipt import Receipt
from broker.revoke import kill_scope
from broker.service import Broker
from broker.store.log import append
from broker.store.tables import approvals, policy_proposals
from broker.vault import Vault


@dataclasses.dataclass(frozen=True, slots=True)
class Restored:
    """What was done: a receipt for each task that was killed, how many requests and proposals were closed, and each
    stray that Vault had with why it is not known to be dead, "" where it is (None: there is no Vault)."""

    receipts: tuple[Receipt, ...]
    approvals: int
    strays: tuple[tuple[Stray, str], ...] | None

    @property
    def complete(self) -> bool:
        """Whether nothing that can be taken back is known to be alive."""
        return all(one.complete for one in self.receipts) and not any(problem for _, problem in self.strays or ())


def restored(broker: Broker, role: str, by: str, reason: str) -> Restored:
    """Do all of it, each step recorded. `role` is the token role of this broker's parents. Safe to repeat.

    Raises RecordFailed, and SourceFailed when Vault cannot be looked through: nothing may be served before it was.
    """
    receipts = kill_scope(broker, "all", by, reason)
    closed = _close_waiting(broker)
    done = None if broker.vaults is None else _close_strays(broker, broker.vaults.revoker, role, by)
    alive = sum(bool(problem) for _, problem in done or ())
    counts = {"tasks": len(receipts), "approvals": closed, "strays": len(done or ()), "strays_alive": alive}
    with broker.database.write() as tx:
        append(tx, "broker:store:restored", "", broker.clock(), {"by": by, "reason": reason, **counts})
    return Restored(receipts, closed, done)


def _close_strays(broker: Broker, revoker: Vault, role: str, by: str) -> tuple[tuple[Stray, str], ...]:
    """Record them, then revoke them."""
    found = strays(revoker, role)
    with broker.database.write() as tx:
        for one in found:
            told = {"by": by, "accessor": one.accessor, "claimed_task": one.task}
            append(tx, "broker:stray:revoked", "", broker.clock(), told)
    return tuple((one, close(revoker, one)) for one in found)


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
