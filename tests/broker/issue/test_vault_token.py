"""When a lost mint may be called nothing; all else of this source is tried in `tests/vault`."""

from __future__ import annotations

import time

from broker.issue.vault_token import line, not_yet, settled
from broker.lease import Lease, LeaseState
from broker.receipt import Revocation


def born(ago: int) -> Lease:
    """A lease whose intent is `ago` seconds old."""
    return Lease("l", "t", "g", "vault_token", LeaseState.UNCERTAIN, created_at=int(time.time()) - ago, expires_at=7)


def test_a_mint_is_settled_only_after_vaults_own_deadline() -> None:
    """Also with a clock that has been put back: a lease from the future is not settled."""
    assert settled(born(100), 95)
    assert not settled(born(50), 95)
    assert not settled(born(-600), 95)
    assert "95 s" in not_yet(95).fix


def test_a_line_carries_the_lease_and_until_when_it_could_live() -> None:
    """The receipt shows the grant, the source and the bound, not the accessor."""
    made = line(born(0), Revocation.QUEUED, "why")
    assert (made.lease_id, made.grant, made.source, made.expires_at, made.detail) == ("l", "g", "vault_token", 7, "why")
