"""A place of its own on somebody's Vault, made by the product's own plan and taken away again, whatever happens.

Everything in it is named `sgcheck-` and eight hex digits: policies, one token role, a login method, engines. Nothing
that was there before is written, and what a killed run leaves behind can be told by that name; its tokens and logins
live for minutes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from broker import vault_plan, vault_setup
from broker.errors import SourceFailed
from broker.grant import Grant
from broker.vault import Endpoint, Vault
from broker.vault_answer import Answer, Outcome
from broker.vault_config import IdentityTable, Vaults, VaultTable, connect
from broker.vault_rule import Rule, hcl

SECONDS = 120
PKI_ROLE = {"allow_any_name": True, "generate_lease": True, "max_ttl": "300s", "key_type": "ec", "key_bits": 256}


@dataclasses.dataclass(frozen=True, slots=True)
class Scratch:
    """Where the cases run: the broker's table and two clients for it, the administrator's client, the grant of a token
    that reads `NAME-kv/one`, and the grant of a certificate."""

    name: str
    table: VaultTable
    vaults: Vaults
    admin: Vault
    token: Grant
    certificate: Grant


@contextlib.contextmanager
def scratch(admin: Vault, endpoint: Endpoint, left: list[str]) -> Iterator[Scratch]:
    """Set up, hand over, and take away. What could not be taken away is appended to `left`.

    Raises SourceFailed when the administrator's token is not allowed to set up.
    """
    name = f"sgcheck-{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        table = _table(name, endpoint, Path(folder))
        vaults = connect(table)
        grants = (
            Grant("token", "vault_token", {"policy": f"{name}-read"}, SECONDS, uses=2),
            Grant("certificate", "pki", {"policy": f"{name}-cert", "role": name, "common_name": name}, SECONDS),
        )
        try:
            _set_up(admin, table, grants)
            yield Scratch(name, table, vaults, admin, *grants)
        finally:
            vaults.close()
            left += _taken_away(admin, table)


def _table(name: str, endpoint: Endpoint, folder: Path) -> VaultTable:
    """The issuer's secret id is wrapped, the revoker's is not: both ways are tried."""
    issuer = IdentityTable(
        role_id_file=str(folder / "i"), wrapped_secret_id_file=str(folder / "w"), mount=name, role=f"{name}-issuer"
    )
    revoker = IdentityTable(role_id_file=str(folder / "r"), secret_id_file=str(folder / "s"), mount=name)
    return VaultTable(
        address=endpoint.address, ca_file=endpoint.ca_file, namespace=endpoint.namespace, seconds=int(endpoint.seconds),
        prefix=name, pki_mount=f"{name}-pki", kv_mount=f"{name}-kv", issuer=issuer, revoker=revoker,
    )  # fmt: skip


def _set_up(admin: Vault, table: VaultTable, grants: tuple[Grant, ...]) -> None:
    name = table.prefix
    read = hcl((Rule(f"{table.kv_mount}/one", ("read",), "A case of `broker vault check`."),))
    _must(admin, "writing a policy", "post", "sys", "policies", "acl", f"{name}-read", body={"policy": read})
    _must(admin, "enabling a kv engine", "post", "sys", "mounts", table.kv_mount, body={"type": "kv"})
    _must(admin, "writing a value", "post", table.kv_mount, "one", body={"colour": "green"})
    for _ in vault_setup.apply(admin, vault_plan.plan(table, grants, SECONDS, None), look=False):
        pass
    for _ in vault_setup.write_credentials(admin, table):
        pass


def enable_pki(place: Scratch) -> None:
    """A certificate authority that lives as long as the check. Raises SourceFailed."""
    admin, mount = place.admin, place.table.pki_mount
    _must(admin, "enabling a pki engine", "post", "sys", "mounts", mount, body={"type": "pki"})
    root = {"common_name": place.name, "ttl": "1h", "key_type": "ec", "key_bits": 256}
    _must(admin, "making a certificate authority", "post", mount, "root", "generate", "internal", body=root)
    _must(admin, "writing a pki role", "post", mount, "roles", place.name, body=PKI_ROLE)


def _must(admin: Vault, what: str, method: str, *path: str, body: dict[str, object] | None = None) -> Answer:
    return admin.ask(method, *path, body=body).or_failed(what)


def _taken_away(admin: Vault, table: VaultTable) -> list[str]:
    """Remove everything, tokens first; what is still there afterwards, or could not be looked at, by name."""
    name = table.prefix
    policies = [f"{name}-{kind}" for kind in ("issuer", "revoker", "task", "read", "cert")]
    tokens = ("sys", "leases", "revoke-prefix", "auth", "token", "create", table.task_role)
    _quietly(admin, "put", *tokens, body={"sync": True})
    _quietly(admin, "delete", "sys", "auth", name)
    for kind in ("pki", "kv", "engine"):
        _quietly(admin, "delete", "sys", "mounts", f"{name}-{kind}")
    _quietly(admin, "delete", "auth", "token", "roles", table.task_role)
    for policy in policies:
        _quietly(admin, "delete", "sys", "policies", "acl", policy)
    left = [f"policy {policy}" for policy in policies if not _gone(admin, "sys", "policies", "acl", policy)]
    if not _gone(admin, "auth", "token", "roles", table.task_role):
        left.append(f"token role {table.task_role}")
    for kind in ("auth", "mounts"):
        answer = _quietly(admin, "get", "sys", kind)
        if answer is None or answer.outcome is not Outcome.DONE:
            left.append(f"what sys/{kind} has of {name}")
        else:
            left += [f"sys/{kind}/{path}" for path in answer.data if path.startswith(name)]
    return left


def _quietly(admin: Vault, method: str, *path: str, body: dict[str, object] | None = None) -> Answer | None:
    try:
        return admin.ask(method, *path, body=body)
    except SourceFailed:
        return None  # the look afterwards says so


def _gone(admin: Vault, *path: str) -> bool:
    answer = _quietly(admin, "get", *path)
    return answer is not None and answer.status == 404
