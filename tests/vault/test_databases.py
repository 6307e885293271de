"""Database leases on a real Vault and a real PostgreSQL."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

import psycopg
import pytest

from broker.errors import MaybeIssued, SourceFailed
from broker.issue import vault_database
from broker.lease import Minted
from broker.receipt import Revocation
from tests.servers.postgres import PostgresServer
from tests.servers.provision import CREATE, Provisioned
from tests.vault.tasks import lease, name, request, sources

PLUGIN = {"plugin_name": "postgresql-database-plugin", "verify_connection": False}

pytestmark = [pytest.mark.vault, pytest.mark.postgres]


def log_in(postgres: PostgresServer, minted: Minted) -> psycopg.Connection[tuple[object, ...]]:
    """A session of the minted user."""
    return postgres.connect(minted.fields["username"].reveal(), minted.fields["password"].reveal())


@contextlib.contextmanager
def database_down(ready: Provisioned) -> Iterator[None]:
    """Vault cannot reach PostgreSQL: its connection now names a port on which nothing listens."""
    where, port = f"{ready.table.database_mount}/config/pg", ready.database_grant.scope["port"]
    url = ready.server.do("GET", where)["data"]["connection_details"]["connection_url"]

    def connect(address: str) -> None:
        settings = {"plugin_name": "postgresql-database-plugin", "verify_connection": False, "allowed_roles": ["*"]}
        ready.server.do("POST", where, {**settings, "connection_url": address})

    connect(url.replace(f":{port}/", ":1/"))
    try:
        yield
    finally:
        connect(url)


def test_a_user_logs_in_until_it_is_revoked(ready_vault: Provisioned, postgres_server: PostgresServer) -> None:
    """The login works with exactly the fields of the credential, and fails after; revoking again is no error."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.database_grant,), 300)
    order = request(task, ready_vault.database_grant, parent)
    minted = made.databases.mint(order)
    assert minted.fields["host"].reveal() == "127.0.0.1"
    with log_in(postgres_server, minted) as session:
        assert session.execute("select current_user").fetchone() == (minted.fields["username"].reveal(),)
    for _ in range(2):
        line = made.databases.revoke(lease(order, minted))
        assert line.revocation is Revocation.CONFIRMED
        assert not postgres_server.has_role(minted.fields["username"].reveal())
        with pytest.raises(psycopg.OperationalError):
            log_in(postgres_server, minted)


def test_an_open_session_ends_with_its_user(ready_vault: Provisioned, postgres_server: PostgresServer) -> None:
    """Dropping a role leaves its sessions alive; the revocation statements of the role end them first."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.database_grant,), 300)
    order = request(task, ready_vault.database_grant, parent)
    minted = made.databases.mint(order)
    session = log_in(postgres_server, minted)
    assert session.execute("select 1").fetchone() == (1,)
    assert made.databases.revoke(lease(order, minted)).revocation is Revocation.CONFIRMED
    with pytest.raises(psycopg.OperationalError):
        session.execute("select 1")
    session.close()


def test_a_role_without_statements_leaves_sessions_alive_and_is_called_weak(
    ready_vault: Provisioned, postgres_server: PostgresServer
) -> None:
    """The user is gone and its session still reads: what Vault tells of such a role is told from what it tells of the
    good one."""
    server, mount = ready_vault.server, ready_vault.table.database_mount
    good = server.do("GET", f"{mount}/roles/{ready_vault.database_grant.scope['role']}")["data"]
    config = server.do("GET", f"{mount}/config/pg")["data"]
    server.do("POST", f"{mount}/config/pg", {**config["connection_details"], **PLUGIN, "allowed_roles": ["*"]})
    server.do("POST", f"{mount}/roles/weak", {"db_name": "pg", "creation_statements": [CREATE]})
    made = server.do("GET", f"{mount}/creds/weak")
    user, password = made["data"]["username"], made["data"]["password"]
    with postgres_server.connect(user, password) as session:
        server.do("PUT", "sys/leases/revoke", {"lease_id": made["lease_id"], "sync": True})
        assert not postgres_server.has_role(user)
        assert session.execute("select 1").fetchone() == (1,)
    assert "outlive" in vault_database.weakness(server.do("GET", f"{mount}/roles/weak")["data"])
    assert vault_database.weakness(good) == ""


def test_the_token_behind_a_user_reads_that_role_alone_and_is_not_handed_out(ready_vault: Provisioned) -> None:
    """The credential has no token; what stands behind it has the one policy and dies with the lease."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.database_grant,), 300)
    order = request(task, ready_vault.database_grant, parent, ttl=60)
    minted = made.databases.mint(order)
    assert set(minted.fields) == {"username", "password", "host", "port"}
    told = ready_vault.server.do("POST", "auth/token/lookup-accessor", {"accessor": minted.accessor})["data"]
    assert told["policies"] == [ready_vault.database_grant.scope["policy"]]
    assert told["creation_ttl"] == 60
    assert told["meta"]["intent"] == order.lease_id
    made.databases.revoke(lease(order, minted))
    assert ready_vault.server.call("POST", "auth/token/lookup-accessor", {"accessor": minted.accessor})[0] != 200


def test_the_user_ends_no_later_than_its_token(ready_vault: Provisioned) -> None:
    """The role's own lifetime is ten minutes; the lease is told as long as the token that made it lives."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.database_grant,), 300)
    order = request(task, ready_vault.database_grant, parent, ttl=60)
    minted = made.databases.mint(order)
    told = ready_vault.server.do("POST", "auth/token/lookup-accessor", {"accessor": minted.accessor})["data"]
    assert abs(minted.expires_at - (told["creation_time"] + 60)) <= 3


def test_all_users_of_a_task_go_with_its_parent(ready_vault: Provisioned, postgres_server: PostgresServer) -> None:
    """Closing the parent alone takes the database users with it, as Vault works through their leases."""
    made, task = sources(ready_vault), name("task")
    parent, accessor = made.parents.open_parent(task, (ready_vault.database_grant,), 300)
    orders = [request(task, ready_vault.database_grant, parent) for _ in range(3)]
    minted = [made.databases.mint(order) for order in orders]
    made.parents.close_parent(accessor)
    for order, one in zip(orders, minted, strict=True):
        assert made.databases.revoke(lease(order, one)).revocation is Revocation.CONFIRMED
        assert not postgres_server.has_role(one.fields["username"].reveal())


def test_a_lost_user_is_found_by_its_intent(ready_vault: Provisioned, postgres_server: PostgresServer) -> None:
    """Nothing but the lease id is known; token and user are gone when `recover` says so, a neighbour's user is not."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.database_grant,), 300)
    before = request(task, ready_vault.database_grant, parent)
    neighbour, order = made.databases.mint(before), request(task, ready_vault.database_grant, parent)
    minted = made.databases.mint(order)
    line = made.databases.recover(lease(order))
    assert line.revocation is Revocation.CONFIRMED
    assert not postgres_server.has_role(minted.fields["username"].reveal())
    log_in(postgres_server, neighbour).close()
    assert made.databases.recover(lease(order)).revocation is Revocation.NOTHING
    made.databases.revoke(lease(before, neighbour))


def test_a_database_that_is_down_is_said_to_be_queued(
    ready_vault: Provisioned, postgres_server: PostgresServer
) -> None:
    """The token is dead at once; the user is not, and the receipt does not claim it. Later it is confirmed."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.database_grant,), 300)
    order = request(task, ready_vault.database_grant, parent)
    minted = made.databases.mint(order)
    with database_down(ready_vault):
        line = made.databases.revoke(lease(order, minted))
        assert line.revocation is Revocation.QUEUED
        assert line.expires_at == minted.expires_at
        assert postgres_server.has_role(minted.fields["username"].reveal())
        assert ready_vault.server.call("POST", "auth/token/lookup-accessor", {"accessor": minted.accessor})[0] != 200
    assert made.databases.revoke(lease(order, minted)).revocation is Revocation.CONFIRMED
    assert not postgres_server.has_role(minted.fields["username"].reveal())


def test_a_mint_with_the_database_down_leaves_nothing(ready_vault: Provisioned) -> None:
    """Vault answers 500, after which a user may exist: maybe issued, and recovery ends the token behind it."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.database_grant,), 300)
    order = request(task, ready_vault.database_grant, parent)
    with database_down(ready_vault), pytest.raises(MaybeIssued):
        made.databases.mint(order)
    assert made.databases.recover(lease(order)).revocation is Revocation.CONFIRMED
    assert made.databases.recover(lease(order)).revocation is Revocation.NOTHING


def test_a_role_that_the_policy_does_not_read_is_refused_and_its_token_is_gone(ready_vault: Provisioned) -> None:
    """403 at the second of two calls: what the first one made is taken back before the refusal is told."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.database_grant,), 300)
    scope = {**ready_vault.database_grant.scope, "role": "another"}
    order = request(task, dataclasses.replace(ready_vault.database_grant, scope=scope), parent)
    with pytest.raises(SourceFailed):
        made.databases.mint(order)
    assert made.databases.recover(lease(order)).revocation is Revocation.NOTHING
