"""The nodes of one Vault cluster: which one is asked, and when another one may be.

A node that is reached passes a request on to the leader by itself, so any one will do. It is left for the next when it
does not answer, is sealed, or knows no leader. Whether the same request may then go to another node is a separate
question: a standby whose leader dies in the middle of a request that it passed on answers with a redirect or with
"local node not active", though the leader may have carried it out (`forwardRequest` in Vault's http/handler.go falls
back to the answer of a standby). So only what certainly reached no leader is sent twice, and what may be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence

from broker.vault_answer import Answer, Outcome

NOT_HERE = (472, 473, 501, 503)
"""A replica of another kind, not initialised, sealed or in maintenance (Vault's API, sys/health and errors)."""


class Nodes:
    """Addresses of one cluster. Safe to share between threads: at worst two of them ask different nodes."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = tuple(addresses)
        self._at = 0

    def in_turn(self) -> tuple[str, ...]:
        """All addresses, the one that is good as far as is known first."""
        at = self._at
        return self._addresses[at:] + self._addresses[:at]

    def leave(self, address: str) -> None:
        """Ask another one first from now on."""
        if self._addresses[self._at] == address:
            self._at = (self._at + 1) % len(self._addresses)


def sick(answer: Answer) -> bool:
    """Whether another node is to be asked first from now on."""
    redirected = 300 <= answer.status < 400
    leaderless = answer.status >= 400 and (answer.says("not active") or answer.says("leadership lost"))
    return not answer.status or redirected or leaderless or answer.status in NOT_HERE


def untouched(answer: Answer) -> bool:
    """Whether the request certainly reached no leader: there was no connection, or the node itself is not at work."""
    return answer.outcome is Outcome.REFUSED and (not answer.status or answer.status in NOT_HERE)
