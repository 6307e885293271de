"""When a lost mint may be called nothing; the rest is tried through the sources, and for real in `tests/vault`."""

from __future__ import annotations

import time

import pytest

from broker.errors import SourceFailed
from broker.issue.source import line
from broker.issue.vault_lease import TokenLease
from broker.lease import Lease, LeaseState
from broker.receipt import Revocation
from broker.vault import Endpoint, Vault
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.servers.loopback import Request, loopback, reply


def born(ago: int) -> Lease:
    """A lease whose intent is `ago` seconds old."""
    return Lease("l", "t", "g", "vault_token", LeaseState.UNCERTAIN, created_at=int(time.time()) - ago, expires_at=7)


def nothing_of_ours(request: Request) -> list[bytes]:
    """A Vault with one token, the revoker's own."""
    return reply(200, {"data": {"keys": ["own"]} if "accessors" in request.path else {"meta": None}})


@pytest.mark.parametrize(("ago", "sure"), [(100, True), (50, False), (-600, False)])
def test_a_lost_mint_is_nothing_only_after_vaults_own_deadline(ago: int, sure: bool) -> None:
    """Also with a clock that has been put back: a lease from the future may still be under way."""
    with loopback(nothing_of_ours) as server:
        vault = Vault(Endpoint(server.address), FixedToken(Secret("revoker")))
        lost = TokenLease(vault, vault, settle_seconds=95)
        if sure:
            assert lost.recover(born(ago)).revocation is Revocation.NOTHING
        else:
            with pytest.raises(SourceFailed, match="95 s"):
                lost.recover(born(ago))


def test_a_line_carries_the_lease_and_until_when_it_could_live() -> None:
    """The receipt shows the grant, the source and the bound, not the accessor."""
    made = line(born(0), Revocation.QUEUED, "why")
    assert (made.lease_id, made.grant, made.source, made.expires_at, made.detail) == ("l", "g", "vault_token", 7, "why")
