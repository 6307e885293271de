"""A Vault whose ssh, pki and key-value engines the broker's own `vault setup` has made ready, one grant for each.

Mounts and names are of its own, so that many of these live on one server.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from pathlib import Path

from broker import vault_plan, vault_setup
from broker.grant import Grant
from broker.issue.vault_kv import VaultKvSource
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_pki import VaultPkiSource
from broker.issue.vault_ssh import VaultSshSource
from broker.vault import Endpoint, Vault
from broker.vault_config import IdentityTable, Vaults, VaultTable, connect
from tests.servers.vault import VaultServer

LONGEST_TASK = 3600
ROLE = "agent"
PRINCIPAL, COMMAND = "deploy", "/bin/echo forced"
COMMON_NAME, ALT_NAME = "agent.example.org", "second.example.org"

SSH = {"policy": "ssh", "role": ROLE, "principal": PRINCIPAL}
PKI = {"policy": "pki", "role": ROLE, "common_name": COMMON_NAME, "alt_names": ALT_NAME}
GRANTS = {
    "ssh": ("ssh", SSH),
    "ssh_command": ("ssh", {**SSH, "policy": "ssh-command", "command": COMMAND, "host": "127.0.0.1"}),
    "ssh_here": ("ssh", {**SSH, "policy": "ssh-here", "sources": "127.0.0.1,192.0.2.0/24", "extensions": "permit-pty"}),
    "ssh_elsewhere": ("ssh", {**SSH, "policy": "ssh-elsewhere", "sources": "192.0.2.0/24"}),
    "ssh_stranger": ("ssh", {**SSH, "policy": "ssh-stranger", "principal": "stranger"}),
    "ssh_wide": ("ssh", {**SSH, "policy": "ssh-wide", "role": "wide"}),
    "pki": ("pki", PKI),
    "pki_foreign": ("pki", {**PKI, "policy": "pki-foreign", "common_name": "agent.example.net"}),
    "pki_plain": ("pki", {**PKI, "policy": "pki-plain", "role": "plain"}),
    "pki_short": ("pki", {**PKI, "policy": "pki-short", "role": "short"}),
    "kv": ("kv", {"policy": "kv", "path": "apps/ci", "field": "token"}),
    "kv_first": ("kv", {"policy": "kv", "path": "apps/ci", "field": "token", "version": "1"}),
    "kv_deleted": ("kv", {"policy": "kv", "path": "apps/ci", "field": "token", "version": "2"}),
    "kv_destroyed": ("kv", {"policy": "kv", "path": "apps/ci", "field": "token", "version": "3"}),
    "kv_field": ("kv", {"policy": "kv", "path": "apps/ci", "field": "other"}),
    "kv_nothing": ("kv", {"policy": "kv-nothing", "path": "apps/none", "field": "token"}),
}  # fmt: skip
"""Name → source and scope; the policies get the set-up's own prefix."""


@dataclasses.dataclass(frozen=True)
class Engines:
    """A server that is ready: its `[vault]` table, both clients, and the grants by name."""

    server: VaultServer
    table: VaultTable
    vaults: Vaults
    grants: Mapping[str, Grant]

    @property
    def parents(self) -> VaultParent:
        return VaultParent(self.vaults.issuer, self.vaults.revoker, self.table.task_role, self.table.task_role)

    def ssh(self, vaults: Vaults | None = None) -> VaultSshSource:
        """The source, for which a lost mint is settled at once; on other clients where given."""
        return VaultSshSource(*_both(vaults or self.vaults), self.table.ssh_mount, settle_seconds=0)

    def pki(self, vaults: Vaults | None = None) -> VaultPkiSource:
        return VaultPkiSource(*_both(vaults or self.vaults), self.table.pki_mount, settle_seconds=0)

    def kv(self, vaults: Vaults | None = None) -> VaultKvSource:
        return VaultKvSource(
            *_both(vaults or self.vaults), self.table.kv_mount, self.table.kv_version, settle_seconds=0
        )

    def through(self, address: str) -> Vaults:
        """The issuer through `address`; the revoker straight to Vault, as recovery runs later."""
        return Vaults(Vault(Endpoint(address, seconds=5.0), self.table.issuer.identity()), self.vaults.revoker)

    def toml(self) -> str:
        """The `[vault]` part of a broker's configuration file."""
        table = self.table
        lines = ["[vault]", f'address = "{table.address}"', f'prefix = "{table.prefix}"']
        lines += [f'{name} = "{getattr(table, name)}"' for name in ("ssh_mount", "pki_mount", "kv_mount")]
        for name, identity in (("issuer", table.issuer), ("revoker", table.revoker)):
            lines += [f"[vault.{name}]", f'role_id_file = "{identity.role_id_file}"']
            lines.append(f'secret_id_file = "{identity.secret_id_file}"')
        return "\n".join(lines) + "\n"

    def value(self, version: int) -> str:
        """What lies in that version of the secret (1 to 4), or in version 1 of the engine."""
        return f"value-{version}-of-{self.table.prefix}"


def engines(server: VaultServer, folder: Path, kv_version: int = 2) -> Engines:
    """Set up the engines, then policies and logins (files under `folder`)."""
    prefix = f"e{secrets.token_hex(5)}"
    table = VaultTable(
        address=server.address, prefix=prefix, ssh_mount=f"{prefix}-ssh", pki_mount=f"{prefix}-pki",
        kv_mount=f"{prefix}-kv", kv_version=1 if kv_version == 1 else 2,
        issuer=_files(folder, "issuer"), revoker=_files(folder, "revoker"),
    )  # fmt: skip
    grants = {
        name: Grant(name, source, {**scope, "policy": f"{prefix}-{scope['policy']}"}, 300, max_leases=5)
        for name, (source, scope) in GRANTS.items()
        if kv_version == 2 or "version" not in scope
    }
    _ssh(server, table.ssh_mount)
    _pki(server, table.pki_mount)
    ready = Engines(server, table, connect(table), grants)
    _kv(ready)
    admin = server.root()
    list(vault_setup.apply(admin, vault_plan.plan(table, grants.values(), LONGEST_TASK)))
    list(vault_setup.write_credentials(admin, table))
    admin.close()
    return ready


def _ssh(server: VaultServer, mount: str) -> None:
    server.do("POST", f"sys/mounts/{mount}", {"type": "ssh"})
    server.do("POST", f"{mount}/config/ca", {"generate_signing_key": True, "key_type": "ed25519"})
    role = {
        "key_type": "ca", "allow_user_certificates": True, "allowed_users": PRINCIPAL, "default_user": PRINCIPAL,
        "ttl": "10m", "max_ttl": "1h", "allowed_extensions": "permit-pty",
        "allowed_critical_options": "force-command,source-address",
    }  # fmt: skip
    server.do("POST", f"{mount}/roles/{ROLE}", role)
    server.do("POST", f"{mount}/roles/wide", {**role, "default_extensions": {"permit-port-forwarding": ""}})


def _pki(server: VaultServer, mount: str) -> None:
    server.do("POST", f"sys/mounts/{mount}", {"type": "pki", "config": {"max_lease_ttl": "24h"}})
    root = {"common_name": "Test CA", "ttl": "24h", "key_type": "ec", "key_bits": 256}
    server.do("POST", "/".join((mount, "root", "generate", "internal")), root)
    role = {
        "allowed_domains": "example.org", "allow_subdomains": True, "key_type": "ec", "key_bits": 256,
        "max_ttl": "1h", "generate_lease": True,
    }  # fmt: skip
    server.do("POST", f"{mount}/roles/{ROLE}", role)
    server.do("POST", f"{mount}/roles/short", {**role, "max_ttl": "30s"})
    server.do("POST", f"{mount}/roles/plain", {**role, "generate_lease": False})


def _kv(ready: Engines) -> None:
    server, mount = ready.server, ready.table.kv_mount
    version = ready.table.kv_version
    server.do("POST", f"sys/mounts/{mount}", {"type": "kv", "options": {"version": str(version)}})
    if version == 1:
        server.do("POST", f"{mount}/apps/ci", {"token": ready.value(1)})
        return
    for each in range(1, 5):
        server.do("POST", f"{mount}/data/apps/ci", {"data": {"token": ready.value(each), "number": 5}})
    server.do("POST", f"{mount}/delete/apps/ci", {"versions": [2]})
    server.do("POST", f"{mount}/destroy/apps/ci", {"versions": [3]})


def _both(vaults: Vaults) -> tuple[Vault, Vault]:
    return vaults.issuer, vaults.revoker


def _files(folder: Path, who: str) -> IdentityTable:
    return IdentityTable(role_id_file=str(folder / f"{who}.role_id"), secret_id_file=str(folder / f"{who}.secret_id"))
