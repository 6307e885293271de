"""Parents that nobody holds, on a real Vault: ours are found by their role, and nobody else's is touched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from broker.errors import SourceFailed
from broker.issue.vault_strays import close, strays
from tests.servers.provision import Provisioned, provision
from tests.servers.vault import VaultServer
from tests.vault.tasks import name, request, sources, through

pytestmark = pytest.mark.vault


@pytest.fixture(scope="module")
def own(vault_server: VaultServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provisioned]:
    """A broker's place at Vault that no other test uses: all of its parents are strays here."""
    made = provision(vault_server, None, tmp_path_factory.mktemp("strays"))
    yield made
    made.vaults.close()


def test_ours_die_with_all_below_and_others_live(own: Provisioned, ready_vault: Provisioned) -> None:
    """Two brokers at one Vault: only the parents of this role are revoked, with their children; again finds none."""
    mine, theirs = sources(own), sources(ready_vault)
    task, other = name("task"), name("task")
    parent, accessor = mine.parents.open_parent(task, (own.token_grant,), 300)
    child = mine.tokens.mint(request(task, own.token_grant, parent)).fields["token"].reveal()
    foreign, _ = theirs.parents.open_parent(other, (ready_vault.token_grant,), 300)
    kept = theirs.tokens.mint(request(other, ready_vault.token_grant, foreign)).fields["token"].reveal()
    [stray] = strays(own.vaults.revoker, own.table.task_role)
    assert (stray.accessor, stray.task) == (accessor, task)
    assert own.server.alive(child)
    assert close(own.vaults.revoker, stray) == close(own.vaults.revoker, stray) == ""
    assert not own.server.alive(parent.reveal())
    assert not own.server.alive(child)
    assert own.server.alive(foreign.reveal())
    assert own.server.alive(kept)
    assert strays(own.vaults.revoker, own.table.task_role) == ()


def test_a_token_that_says_it_is_ours_is_not(own: Provisioned) -> None:
    """Whoever may make tokens may write our metadata; the path by which it was made is Vault's own word."""
    meta = {"maker": "secretguard", "kind": "parent", "task": "task-of-nobody"}
    made = own.server.do("POST", "auth/token/create", {"meta": meta, "ttl": "60s"})["auth"]["client_token"]
    assert strays(own.vaults.revoker, own.table.task_role) == ()
    assert own.server.alive(made)


def test_a_vault_that_cannot_be_asked_is_no_answer(own: Provisioned) -> None:
    """Nothing is said of strays then; the caller does not serve."""
    with pytest.raises(SourceFailed):
        strays(through(own, "http://127.0.0.1:9", seconds=1).issuer, own.table.task_role)
