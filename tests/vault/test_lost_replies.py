"""Mints whose answer never arrives, on a real Vault behind a proxy that does the work and swallows the reply."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import pytest

from broker.errors import MaybeIssued, SourceFailed
from broker.grant import Grant
from broker.receipt import Revocation
from broker.vault import Endpoint, Vault
from broker.vault_config import Vaults
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.servers.loopback import Request, forward, loopback, reply
from tests.servers.postgres import PostgresServer
from tests.servers.process import spare_port
from tests.servers.provision import Provisioned
from tests.vault.tasks import lease, name, request, sources, through

pytestmark = pytest.mark.vault

Tamper = Callable[[Request, int, bytes], Iterable[bytes] | None]

ACCIDENTS: dict[str, Tamper] = {
    "dropped": lambda *_: None,
    "500 after the mint": lambda *_: reply(500, {"errors": ["internal error"]}),
    "400 leadership lost": lambda *_: reply(400, {"errors": ["leadership lost while committing log"]}),
    "502 of a gateway": lambda *_: reply(502, b"<html>bad gateway</html>"),
    "cut off": lambda _, status, body: [b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + body[: len(body) // 2]],
    "not JSON": lambda *_: reply(200, b"OK"),
    "no accessor": lambda *_: reply(200, {"auth": {"client_token": "x", "lease_duration": 60}}),
}  # fmt: skip
"""What can happen to the answer of a mint that Vault has carried out."""


def only_for(part: str, tamper: Tamper) -> Tamper:
    """`tamper` for requests whose path ends with `part`; everything else is passed on."""

    def chosen(asked: Request, status: int, body: bytes) -> Iterable[bytes] | None:
        return tamper(asked, status, body) if asked.path.endswith(part) else reply(status, body)

    return chosen


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_a_token_whose_answer_is_lost_is_found_and_revoked(ready_vault: Provisioned, accident: str) -> None:
    """Maybe issued is never taken for refused; recovery kills that one token, and the task's other lease lives on."""
    straight, task = sources(ready_vault), name("task")
    parent, _ = straight.parents.open_parent(task, (ready_vault.token_grant,), 300)
    other = straight.tokens.mint(request(task, ready_vault.token_grant, parent))
    order = request(task, ready_vault.token_grant, parent)
    tamper = only_for("auth/token/create", ACCIDENTS[accident])
    with loopback(forward(ready_vault.server.address, tamper)) as proxy:
        shaky = sources(ready_vault, through(ready_vault, proxy.address))
        with pytest.raises(MaybeIssued):
            shaky.tokens.mint(order)
        assert len(proxy.asked("auth/token/create")) == 1, "never tried again: that would be a second token"
    line = straight.tokens.recover(lease(order))
    assert (line.revocation, line.lease_id) == (Revocation.CONFIRMED, order.lease_id)
    assert straight.tokens.recover(lease(order)).revocation is Revocation.NOTHING
    assert ready_vault.server.alive(other.fields["token"].reveal())


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_a_parent_whose_answer_is_lost_is_found_and_revoked(ready_vault: Provisioned, accident: str) -> None:
    """The task id in its metadata is enough."""
    task = name("task")
    tamper = only_for(f"auth/token/create/{ready_vault.table.task_role}", ACCIDENTS[accident])
    with loopback(forward(ready_vault.server.address, tamper)) as proxy:
        shaky = sources(ready_vault, through(ready_vault, proxy.address))
        with pytest.raises(MaybeIssued):
            shaky.parents.open_parent(task, (ready_vault.token_grant,), 300)
    assert sources(ready_vault).parents.recover_parents([task]) == {task: 1}
    assert sources(ready_vault).parents.recover_parents([task]) == {}


@pytest.mark.postgres
@pytest.mark.parametrize("accident", [one for one in ACCIDENTS if one != "no accessor"])
def test_a_database_user_whose_answer_is_lost_is_found_and_dropped(
    ready_vault: Provisioned, postgres_server: PostgresServer, accident: str
) -> None:
    """The reply with the user's name is lost, yet the user is gone from PostgreSQL after recovery."""
    straight, task = sources(ready_vault), name("task")
    parent, _ = straight.parents.open_parent(task, (ready_vault.database_grant,), 300)
    order = request(task, ready_vault.database_grant, parent)
    before = users(postgres_server)
    tamper = only_for(f"creds/{ready_vault.database_grant.scope['role']}", ACCIDENTS[accident])
    with loopback(forward(ready_vault.server.address, tamper)) as proxy:
        shaky = sources(ready_vault, through(ready_vault, proxy.address))
        with pytest.raises(MaybeIssued):
            shaky.databases.mint(order)
    assert len(users(postgres_server) - before) == 1, "the accident happened after the work"
    assert straight.databases.recover(lease(order)).revocation is Revocation.CONFIRMED
    assert users(postgres_server) <= before


def users(postgres: PostgresServer) -> set[str]:
    """The database users that Vault has made."""
    with postgres.connect() as link:
        return {row[0] for row in link.execute("select rolname from pg_roles where rolname like 'v-%'").fetchall()}


def test_a_slow_vault_is_given_up_and_its_late_token_found(ready_vault: Provisioned) -> None:
    """The deadline passes while Vault works; what it made is found."""
    straight, task = sources(ready_vault), name("task")
    parent, _ = straight.parents.open_parent(task, (ready_vault.token_grant,), 300)
    order = request(task, ready_vault.token_grant, parent)

    given_up = threading.Event()

    def late(_: Request, status: int, body: bytes) -> Iterable[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        given_up.wait(20)
        yield b"\r\n"

    with loopback(forward(ready_vault.server.address, only_for("auth/token/create", late))) as proxy:
        shaky = sources(ready_vault, through(ready_vault, proxy.address, seconds=0.3))
        with pytest.raises(MaybeIssued):
            shaky.tokens.mint(order)
        given_up.set()
    assert straight.tokens.recover(lease(order)).revocation is Revocation.CONFIRMED


def test_nothing_found_is_no_proof_while_a_mint_may_be_under_way(ready_vault: Provisioned) -> None:
    """A request can still be at work in Vault; only after its own deadline is nothing really nothing."""
    careful, task = sources(ready_vault, settle=95), name("task")
    parent, _ = careful.parents.open_parent(task, (ready_vault.token_grant,), 300)
    for source, grant in ((careful.tokens, ready_vault.token_grant), (careful.databases, ready_vault.database_grant)):
        order = request(task, grant, parent)
        with pytest.raises(SourceFailed, match="under way"):
            source.recover(lease(order))
        assert source.recover(lease(order, age=96)).revocation is Revocation.NOTHING


def test_many_lost_leases_take_one_sweep(ready_vault: Provisioned) -> None:
    """`recover_all` resolves those that exist, clears those that are old, and leaves the rest for later."""
    careful, task = sources(ready_vault, settle=95), name("task")
    parent, _ = careful.parents.open_parent(task, (ready_vault.token_grant,), 300)
    made = [request(task, ready_vault.token_grant, parent) for _ in range(5)]
    tokens = [careful.tokens.mint(order).fields["token"] for order in made]
    old, young = request(task, ready_vault.token_grant, parent), request(task, ready_vault.token_grant, parent)
    lines = careful.tokens.recover_all([*(lease(order) for order in made), lease(old, age=100), lease(young)])
    assert {one: line.revocation for one, line in lines.items()} == {
        **{order.lease_id: Revocation.CONFIRMED for order in made},
        old.lease_id: Revocation.NOTHING,
    }
    assert not any(ready_vault.server.alive(token.reveal()) for token in tokens)


def test_a_vault_that_is_down_issues_nothing_and_says_so(ready_vault: Provisioned) -> None:
    """No connection is certain: refused, not maybe. A revocation that cannot be made is never told as done."""
    nobody = f"http://127.0.0.1:{spare_port()}"
    gone = sources(ready_vault, Vaults(*(Vault(Endpoint(nobody), FixedToken(Secret("x"))) for _ in range(2))))
    order = request(name("task"), ready_vault.token_grant, Secret("hvs.none"))
    with pytest.raises(SourceFailed, match="could not be reached"):
        gone.tokens.mint(order)
    with pytest.raises(SourceFailed):
        gone.parents.open_parent(name("task"), (ready_vault.token_grant,), 60)
    with pytest.raises(SourceFailed):
        gone.parents.close_parent("accessor")
    with pytest.raises(SourceFailed):
        gone.tokens.recover(lease(order))
    with pytest.raises(SourceFailed):
        gone.databases.recover(lease(order))


SICK = {
    "sealed": (503, {"errors": ["Vault is sealed"]}),
    "standby that redirects": (307, None),
    "rate limited": (429, {"errors": ["rate limit quota exceeded"]}),
    "not initialised": (501, {"errors": ["Vault is not initialized"]}),
}


@pytest.mark.parametrize("state", SICK)
def test_a_sick_vault_is_refused_and_a_revocation_is_not_claimed(ready_vault: Provisioned, state: str) -> None:
    """Certainly nothing was issued (a standby redirects, too, when its leader died over a request that it had passed
    on); and nothing is called dead because its state could not be asked."""
    with loopback(lambda _: reply(*SICK[state])) as server:
        sick = Vault(Endpoint(server.address), FixedToken(Secret("x")))
        made = sources(ready_vault, Vaults(sick, sick))
        order = request(name("task"), ready_vault.token_grant, Secret("hvs.none"))
        with pytest.raises(MaybeIssued if state == "standby that redirects" else SourceFailed):
            made.tokens.mint(order)
        known = lease(order, None)
        for act in (
            lambda: made.tokens.revoke(known),
            lambda: made.databases.recover(known),
            lambda: made.parents.close_parent("x"),
            lambda: made.parents.recover_parents(["x"]),
        ):
            with pytest.raises(SourceFailed):
                act()


def test_a_missing_right_is_never_taken_for_a_dead_token(ready_vault: Provisioned) -> None:
    """403 and 404 to a look-up mean "could not tell"; only Vault's own word for an unknown accessor means dead."""
    grant: Grant = ready_vault.token_grant
    for status, document in ((403, {"errors": ["permission denied"]}), (404, {"errors": []}), (404, b"<html>")):
        with loopback(lambda _, status=status, document=document: reply(status, document)) as server:
            blind = Vault(Endpoint(server.address), FixedToken(Secret("x")))
            made = sources(ready_vault, Vaults(blind, blind))
            with pytest.raises(SourceFailed):
                made.parents.close_parent("some-accessor")
            order = request(name("task"), grant, Secret("x"))
            with pytest.raises(SourceFailed):
                made.tokens.recover(lease(order))
