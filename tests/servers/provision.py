"""A Vault made ready for the broker by the product's own `vault setup`, with a database engine on a real PostgreSQL.

Everything has names of its own, so that many of these live on one server.
"""

from __future__ import annotations

import dataclasses
import secrets
from pathlib import Path

from broker import vault_plan, vault_setup
from broker.grant import Grant
from broker.vault_config import IdentityTable, Vaults, VaultTable, connect
from tests.servers.postgres import PostgresServer
from tests.servers.vault import VaultServer

LONGEST_TASK = 3600
CREATE = (
    "CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'; "
    'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}";'
)
REVOKE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}'",
    'DROP OWNED BY "{{name}}"',
    'DROP ROLE IF EXISTS "{{name}}"',
)
"""Three statements: a role that is dropped keeps its open sessions, so they are ended first."""


@dataclasses.dataclass(frozen=True)
class Provisioned:
    """A server that is ready: its `[vault]` table, both clients, and the grants that work on it."""

    server: VaultServer
    table: VaultTable
    vaults: Vaults
    token_grant: Grant
    database_grant: Grant

    def toml(self) -> str:
        """The `[vault]` part of a broker's configuration file."""
        lines = ["[vault]", f'address = "{self.table.address}"', f'prefix = "{self.table.prefix}"']
        lines.append(f'database_mount = "{self.table.database_mount}"')
        for name, identity in (("issuer", self.table.issuer), ("revoker", self.table.revoker)):
            lines += [f"[vault.{name}]", f'role_id_file = "{identity.role_id_file}"']
            lines.append(f'secret_id_file = "{identity.secret_id_file}"')
        return "\n".join(lines) + "\n"


def provision(server: VaultServer, postgres: PostgresServer | None, folder: Path) -> Provisioned:
    """Set up policies, roles, logins (files under `folder`) and, with `postgres`, a database role on its own mount.

    The token grant reads `secret/data/PREFIX/*`; a value `{"colour": "green"}` lies at `secret/data/PREFIX/one`.
    """
    prefix = f"t{secrets.token_hex(5)}"
    mount = f"{prefix}-db"
    read_policy, database_policy, role = f"{prefix}-read", f"{prefix}-db-read", f"{prefix}-reader"
    token_grant = Grant("notes", "vault_token", {"policy": read_policy}, ttl=300)
    database_grant = Grant(
        "database",
        "database",
        {"role": role, "policy": database_policy, "host": "127.0.0.1", "port": str(postgres.port if postgres else 0)},
        ttl=300,
        max_leases=5,
    )
    server.do("POST", f"sys/policies/acl/{read_policy}", {"policy": _read(f"secret/data/{prefix}/*")})
    server.do("POST", f"secret/data/{prefix}/one", {"data": {"colour": "green"}})
    if postgres is not None:
        _database_engine(server, postgres, mount, role)
    table = VaultTable(
        address=server.address, prefix=prefix, database_mount=mount,
        issuer=_files(folder, "issuer"), revoker=_files(folder, "revoker"),
    )  # fmt: skip
    plan = vault_plan.plan(table, (token_grant, database_grant), LONGEST_TASK)
    admin = server.root()
    list(vault_setup.apply(admin, plan))
    list(vault_setup.write_credentials(admin, table))
    admin.close()
    return Provisioned(server, table, connect(table), token_grant, database_grant)


def _read(path: str) -> str:
    return f'path "{path}" {{ capabilities = ["read"] }}'


def _files(folder: Path, who: str) -> IdentityTable:
    return IdentityTable(role_id_file=str(folder / f"{who}.role_id"), secret_id_file=str(folder / f"{who}.secret_id"))


def _database_engine(server: VaultServer, postgres: PostgresServer, mount: str, role: str) -> None:
    admin, password = f"vault_{secrets.token_hex(5)}", secrets.token_hex(16)
    with postgres.connect() as link:
        link.execute(f"CREATE ROLE {admin} SUPERUSER LOGIN PASSWORD '{password}'")
    server.do("POST", f"sys/mounts/{mount}", {"type": "database"})
    server.do(
        "POST",
        f"{mount}/config/pg",
        {
            "plugin_name": "postgresql-database-plugin",
            "allowed_roles": [role],
            "connection_url": f"postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{postgres.port}/postgres?sslmode=disable",
            "username": admin,
            "password": password,
        },
    )
    statements = {"creation_statements": [CREATE], "revocation_statements": list(REVOKE)}
    server.do("POST", f"{mount}/roles/{role}", {"db_name": "pg", **statements, "default_ttl": "10m", "max_ttl": "1h"})
