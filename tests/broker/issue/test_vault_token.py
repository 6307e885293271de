"""Taking a Vault token back; minting and recovery are tried in `tests/vault`."""

from __future__ import annotations

import pytest

from broker.errors import SourceFailed
from broker.issue.vault_token import VaultTokenSource
from broker.lease import Lease, LeaseState
from broker.receipt import Revocation
from broker.vault import Endpoint, Vault
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.servers.loopback import Loopback, loopback, reply

ISSUED = Lease("lease_1", "task_1", "notes", "vault_token", LeaseState.ISSUED, "acc", "", 1, 99)
DEAD = reply(400, {"errors": ["invalid accessor"]})


def source(server: Loopback) -> VaultTokenSource:
    """The source with both identities at `server`."""
    vault = Vault(Endpoint(server.address), FixedToken(Secret("revoker")))
    return VaultTokenSource(vault, vault)


def test_a_token_is_confirmed_dead_after_a_look() -> None:
    """Revoked by its accessor, then looked up."""
    with loopback(lambda request: DEAD if "lookup" in request.path else reply(204)) as server:
        assert source(server).revoke(ISSUED).revocation is Revocation.CONFIRMED
    assert [request.path.rsplit("/")[-1] for request in server.requests] == ["revoke-accessor", "lookup-accessor"]


def test_a_token_that_is_still_there_is_not_called_dead() -> None:
    """204 to the revocation, and the look-up finds it."""
    alive = reply(200, {"data": {"meta": {}}})
    with (
        loopback(lambda request: alive if "lookup" in request.path else reply(204)) as server,
        pytest.raises(SourceFailed, match="still alive"),
    ):
        source(server).revoke(ISSUED)
