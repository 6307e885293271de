"""What the broker needs in Vault, as a value: ACL policies, one token role, two AppRoles. Pure; nothing is sent here.

The issuer can make task tokens of one token role and nothing else; what such a token may be is capped by the role, in
Vault, whatever the broker asks for. The revoker can look up and revoke. Neither can write a policy, a role or a login.
`broker vault setup` applies a plan or prints it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping

from broker.grant import Grant
from broker.issue.vault_parent import VAULT_SOURCES
from broker.vault import NAME
from broker.vault_audit import AUDITOR_POLICY
from broker.vault_config import VaultTable
from secretguard.errors import ConfigError

NEVER_GRANTED = ("root", "default")
LOGIN_SECONDS = 3600
"""Life of a login token of either identity; the broker logs in anew after two thirds of it."""

ISSUER_POLICY = """\
# Make task tokens of the one token role; the role caps policies and lifetime. Only these keys may be sent: no own id,
# no period, no other token type, no entity.
path "auth/token/create/{role}" {{
  capabilities        = ["update"]
  required_parameters = ["policies", "ttl", "renewable", "no_default_policy"]
  allowed_parameters  = {{
    "policies" = []
    "ttl" = []
    "renewable" = [false]
    "no_default_policy" = [true]
    "display_name" = []
    "meta" = []
  }}
}}
# `broker vault check` asks what this identity may do.
path "sys/capabilities-self" {{
  capabilities = ["update"]
}}
"""

REVOKER_POLICY = """\
# Take back. Vault cannot narrow these by owner: the revoker can end all tokens and leases here, and make none.
path "auth/token/lookup-accessor" {{
  capabilities = ["update"]
}}
path "auth/token/revoke-accessor" {{
  capabilities = ["update"]
}}
path "sys/leases/lookup" {{
  capabilities = ["update"]
}}
path "sys/leases/revoke" {{
  capabilities = ["update"]
}}
# sudo, because Vault asks for it on every listing of accessors: a token whose reply was lost is found by its metadata.
path "auth/token/accessors/" {{
  capabilities = ["list", "sudo"]
}}
# sudo, because Vault asks for it on every listing of leases: to see that the users of a lost database token are gone.
path "sys/leases/lookup/{database}/creds/+/" {{
  capabilities = ["list", "sudo"]
}}
path "sys/capabilities-self" {{
  capabilities = ["update"]
}}
"""

TASK_POLICY = """\
# On a task's parent token, held by the broker: make a child for each lease, with a lifetime, never renewable.
# Vault refuses a child that has a policy which the parent has not.
path "auth/token/create" {
  capabilities        = ["update"]
  required_parameters = ["policies", "ttl", "explicit_max_ttl", "renewable", "no_default_policy"]
  allowed_parameters  = {
    "policies" = []
    "ttl" = []
    "explicit_max_ttl" = []
    "renewable" = [false]
    "no_default_policy" = [true]
    "num_uses" = []
    "display_name" = []
    "meta" = []
  }
}
"""

LOG_POLICY = """\
# Sign the log's checkpoints with this one key; nothing else of the engine. The broker knows the public key.
path "{mount}/sign/{key}" {{
  capabilities        = ["update"]
  required_parameters = ["input"]
  allowed_parameters  = {{
    "input" = []
  }}
}}
"""

DATABASE_POLICY = """\
# Read one database user, once a lease; nothing else. Never handed out.
path "{database}/creds/{role}" {{
  capabilities = ["read"]
}}
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """`policies`: name → HCL. `token_role`, `approles`: name → settings. `needed`: policies that must be there
    already, because only their owner can say what they allow; `users`: roles of the database engine at `mount` that
    must be there, because only their owner can say what a user of theirs may do; `log_key`: mount and name of the
    transit key that signs the log's checkpoints."""

    policies: Mapping[str, str]
    token_role: tuple[str, Mapping[str, object]]
    approles: Mapping[str, Mapping[str, object]]
    needed: tuple[str, ...]
    mount: str
    users: tuple[str, ...]
    log_key: tuple[str, str] | None = None

    def as_text(self) -> str:
        """For a person, or for their own tooling: each policy as HCL, each role as the command that writes it."""
        parts = [f"# ---- policy {name}: vault policy write {name} FILE\n{hcl}" for name, hcl in self.policies.items()]
        name, settings = self.token_role
        parts.append(f"# ---- token role\n# vault write auth/token/roles/{name} - <<< '{json.dumps(settings)}'\n")
        for name, settings in self.approles.items():
            parts.append(f"# ---- login\n# vault write auth/approle/role/{name} - <<< '{json.dumps(settings)}'\n")
        if self.needed:
            parts.append(f"# ---- policies of your own that grants name: {', '.join(self.needed)}\n")
        if self.log_key:
            mount, key = self.log_key
            parts.append(f"# ---- the log's key\n# vault write -f {mount}/keys/{key} type=ed25519\n")
        if self.users:
            parts.append(f"# ---- database roles of your own under {self.mount}/roles: {', '.join(self.users)}\n")
        optional = "# ---- optional: for who runs `broker vault cross-check` with an audit device at file/"
        parts.append(f"{optional}\n{AUDITOR_POLICY.format(device='file')}")
        return "\n".join(parts)


def plan(table: VaultTable, grants: Iterable[Grant], longest_task: int, log_key: tuple[str, str] | None = None) -> Plan:
    """The plan for all `grants` of all task policies. `longest_task` is the longest deadline, in seconds; `log_key` is
    mount and name of the transit key that signs the log, where one does.

    Raises ConfigError for a grant without a policy, and for two grants that would give one policy two meanings.
    """
    mine = {
        table.issuer_role: ISSUER_POLICY.format(role=table.task_role) + _log_policy(log_key),
        table.revoker_role: REVOKER_POLICY.format(database=table.database_mount),
        table.task_role: TASK_POLICY,
    }
    database: dict[str, str] = {}
    needed: set[str] = set()
    users: set[str] = set()
    for grant in grants:
        if grant.source not in VAULT_SOURCES:
            continue
        name = _scope(grant, "policy")
        if name.lower() in {*mine, *NEVER_GRANTED}:  # Vault's policy names have no upper case
            raise ConfigError(f"grant {grant.name}: scope.policy {name} is not to be granted", "name a narrow policy")
        if grant.source == "vault_token":
            needed.add(name)
            continue
        user = _scope(grant, "role")
        users.add(user)
        hcl = DATABASE_POLICY.format(database=table.database_mount, role=user)
        if database.setdefault(name, hcl) != hcl:
            raise ConfigError(f"grant {grant.name}: scope.policy {name} stands for two roles", "one policy a role")
    clash = needed & database.keys()
    if clash:
        raise ConfigError(f"policy {min(clash)} is both handed out and used to read a database user", "use two names")
    role = {
        "allowed_policies": sorted({table.task_role, *needed, *database}),
        "orphan": True,
        "renewable": False,
        "token_explicit_max_ttl": longest_task,
        "token_no_default_policy": True,
        "token_type": "service",
    }
    logins = {name: _approle(name) for name in (table.issuer_role, table.revoker_role)}
    return Plan(
        {**mine, **database}, (table.task_role, role), logins,
        tuple(sorted(needed)), table.database_mount, tuple(sorted(users)), log_key,
    )  # fmt: skip


def _log_policy(log_key: tuple[str, str] | None) -> str:
    return LOG_POLICY.format(mount=log_key[0], key=log_key[1]) if log_key else ""


def _approle(policy: str) -> dict[str, object]:
    return {
        "token_policies": [policy],
        "token_no_default_policy": True,
        "token_ttl": LOGIN_SECONDS,
        "token_max_ttl": LOGIN_SECONDS,
        "token_type": "service",
        "bind_secret_id": True,
    }


def _scope(grant: Grant, key: str) -> str:
    value = grant.scope.get(key, "")
    if not NAME.fullmatch(value):  # it goes into HCL and into paths
        raise ConfigError(f"grant {grant.name}: scope.{key} is missing or no name", "1 to 64 letters, digits, _ and -")
    return value
