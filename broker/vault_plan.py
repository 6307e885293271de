"""What the broker needs in Vault, as a value: ACL policies, token roles, two logins. Pure; nothing is sent here.

The issuer can make task tokens of the plan's token roles and nothing else; what such a token may be is capped by the
role, in Vault, whatever the broker asks for. The revoker can look up and revoke. Neither can write a policy, a role or
a login. `broker vault setup` applies a plan or prints it (`broker/vault_plan_text.py`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from broker.grant import Grant
from broker.issue import vault_rules
from broker.tenant import kind_of, role_of, tenant_of
from broker.vault import NAME
from broker.vault_config import IdentityTable, VaultTable
from broker.vault_rule import Rule, hcl
from secretguard.errors import ConfigError

NEVER_GRANTED = ("root", "default")
LOGIN_SECONDS = 3600
"""Life of a login token of either identity; the broker logs in anew, or renews it, after two thirds of it."""

LONGEST_LOGIN = 30 * 86400
"""The last end of a login token that is renewed, because what it was got with may be spent."""

CREATE_KEYS: Mapping[str, tuple[object, ...]] = {
    "policies": (),
    "ttl": (),
    "renewable": (False,),
    "no_default_policy": (True,),
    "display_name": (),
    "meta": (),
}
"""What may be sent to make a token: no own id, no period, no other token type, no entity."""

OWN_RIGHTS = (
    Rule(
        "sys/capabilities-self",
        ("update",),
        "`broker vault check` asks what this identity may do, and a login whether a configured namespace is real.",
    ),
)

KEEP_RULES = (
    Rule("auth/token/renew-self", ("update",), "Its secret id or token is given once, so its login is renewed."),
    Rule("auth/token/lookup-self", ("read",), "To refuse a token of its own that is use-limited."),
)


def issuer_rules(role: str) -> tuple[Rule, ...]:
    """Make task tokens of one token role."""
    why = (
        "Make task tokens of the one token role; the role caps policies and lifetime. Only these keys may be sent: no "
        "own id, no period, no other token type, no entity."
    )
    needed = ("policies", "ttl", "renewable", "no_default_policy")
    return (Rule(f"auth/token/create/{role}", ("update",), why, needed, CREATE_KEYS),)


REVOKER_RULES = (
    Rule(
        "auth/token/lookup-accessor",
        ("update",),
        "Take back. Vault cannot narrow these by owner: the revoker can end all tokens and leases here, and make none.",
    ),
    Rule("auth/token/revoke-accessor", ("update",)),
    Rule("sys/leases/lookup", ("update",)),
    Rule("sys/leases/revoke", ("update",)),
    Rule(
        "auth/token/accessors/",
        ("list", "sudo"),
        "sudo, because Vault asks for it on every listing of accessors: a token whose reply was lost is found by its "
        "metadata.",
    ),
)

TASK_RULES = (
    Rule(
        "auth/token/create",
        ("update",),
        "On a task's parent token, held by the broker: make a child for each lease, with a lifetime, never renewable. "
        "Vault refuses a child that has a policy which the parent has not.",
        ("policies", "ttl", "explicit_max_ttl", "renewable", "no_default_policy"),
        {**CREATE_KEYS, "explicit_max_ttl": (), "num_uses": ()},
    ),
)


def log_rules(mount: str, key: str) -> tuple[Rule, ...]:
    """Sign with one transit key."""
    why = "Sign the log's checkpoints with this one key; nothing else of the engine. The broker knows the public key."
    return (Rule(f"{mount}/sign/{key}", ("update",), why, ("input",), {"input": ()}),)


@dataclasses.dataclass(frozen=True, slots=True)
class Owned:
    """A role of a secrets engine that must be there, because only its owner can say what it allows."""

    source: str
    mount: str
    role: str


@dataclasses.dataclass(frozen=True, slots=True)
class LoginRole:
    """The role that an identity logs in as at auth/MOUNT/role/NAME. With method `approle` it is ours to write; of `jwt`
    and `kubernetes` only their owner can say whose token is meant, so `settings` is what such a role must have."""

    method: str
    mount: str
    name: str
    settings: Mapping[str, object]

    @property
    def ours(self) -> bool:
        return self.method == "approle"


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """`policies`: name → HCL. `token_roles`: name → settings. `logins`: of those identities that log in. `needed`:
    policies that must be there already, because only their owner can say what they allow; `owned`: roles of secrets
    engines, for the same reason; `log_key`: mount and name of the transit key that signs the log's checkpoints."""

    policies: Mapping[str, str]
    token_roles: Mapping[str, Mapping[str, object]]
    logins: tuple[LoginRole, ...]
    needed: tuple[str, ...]
    owned: tuple[Owned, ...] = ()
    log_key: tuple[str, str] | None = None


def plan(table: VaultTable, grants: Iterable[Grant], longest_task: int, log_key: tuple[str, str] | None = None) -> Plan:
    """The plan for all `grants` of all task policies. `longest_task` is the longest deadline, in seconds; `log_key` is
    mount and name of the transit key that signs the log, where one does.

    Raises ConfigError for a grant without a policy, and for two grants that would give one policy two meanings.
    """
    named = _Named()
    for grant in grants:
        _take(named, table, grant)
    roles = {
        role_of(table.task_role, tenant): {
            "allowed_policies": sorted({table.task_role, *(name for name, of in named.tenant.items() if of == tenant)}),
            "orphan": True,
            "renewable": False,
            "token_explicit_max_ttl": longest_task,
            "token_no_default_policy": True,
            "token_type": "service",
        }
        for tenant in ("", *table.tenants)
    }
    both = ((table.issuer, table.issuer_role), (table.revoker, table.revoker_role))
    logins = tuple(_login(one, policy) for one, policy in both if one.method != "token")
    policies = {name: hcl(rules) for name, rules in own_rules(table, log_key).items()} | named.read
    engines = tuple(Owned(*one) for one in sorted(named.owned))
    return Plan(policies, roles, logins, tuple(sorted(named.needed)), engines, log_key)


@dataclasses.dataclass
class _Named:
    """What the grants name: policies that read a credential (as HCL), policies that are handed out, engines' roles,
    and of which tenant each policy is."""

    read: dict[str, str] = dataclasses.field(default_factory=dict)
    needed: set[str] = dataclasses.field(default_factory=set)
    owned: set[tuple[str, str, str]] = dataclasses.field(default_factory=set)
    tenant: dict[str, str] = dataclasses.field(default_factory=dict)


def _take(named: _Named, table: VaultTable, grant: Grant) -> None:
    """Note what one grant names. Raises ConfigError for what would give one name two meanings, or too much."""
    kind, tenant = kind_of(grant.source), tenant_of(grant.source)
    if kind not in vault_rules.SOURCES:
        return
    if tenant and tenant not in table.tenants:
        raise ConfigError(f"grant {grant.name}: there is no [vault.tenants.{tenant}]", "add the table")
    name = _scope(grant, "policy")
    if name.lower() in {table.issuer_role, table.revoker_role, table.task_role, *NEVER_GRANTED}:  # no upper case there
        raise ConfigError(f"grant {grant.name}: scope.policy {name} is not to be granted", "name a narrow policy")
    if named.tenant.setdefault(name, tenant) != tenant:
        raise ConfigError(f"grant {grant.name}: scope.policy {name} is another tenant's too", "one policy a tenant")
    if kind in vault_rules.HANDED_OUT:
        named.needed.add(name)
    else:
        needs = vault_rules.ENGINES[kind]
        mount = needs.mount(table.of(tenant))
        if needs.has_role:
            named.owned.add((kind, mount, _scope(grant, "role")))
        text = hcl(_narrow(grant, needs.policy(mount, grant.scope)))
        if named.read.setdefault(name, text) != text:
            raise ConfigError(f"grant {grant.name}: scope.policy {name} stands for two things", "one policy a role")
    if name in named.needed and name in named.read:
        raise ConfigError(f"policy {name} is both handed out and used to read a credential", "use two names")


def own_rules(table: VaultTable, log_key: tuple[str, str] | None = None) -> dict[str, tuple[Rule, ...]]:
    """The broker's own policies, by name: of the issuer, of the revoker, of a task's parent token."""
    engines, tenants = vault_rules.ENGINES.values(), ("", *table.tenants)
    tables = [table.of(tenant) for tenant in tenants]
    listings = tuple(rule for one in tables for needs in engines for rule in needs.revoker(needs.mount(one)))
    making = tuple(rule for tenant in tenants for rule in issuer_rules(role_of(table.task_role, tenant)))
    signing = log_rules(*log_key) if log_key else ()
    return {
        table.issuer_role: (*making, *signing, *OWN_RIGHTS, *_keeping(table.issuer)),
        table.revoker_role: (*REVOKER_RULES, *listings, *OWN_RIGHTS, *_keeping(table.revoker)),
        table.task_role: TASK_RULES,
    }


def _narrow(grant: Grant, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rules, each on one plain path: a name in a grant's scope must not become a wildcard or more HCL."""
    for rule in rules:
        if not all(NAME.fullmatch(segment) for segment in rule.path.split("/")):
            raise ConfigError(
                f"grant {grant.name}: its scope leads to the path {rule.path!r}",
                "1 to 64 letters, digits, _ and - per segment",
            )
    return rules


def _keeping(identity: IdentityTable) -> tuple[Rule, ...]:
    return KEEP_RULES if identity.renews else ()


def _login(identity: IdentityTable, policy: str) -> LoginRole:
    settings: dict[str, object] = {
        "token_policies": [policy],
        "token_no_default_policy": True,
        "token_ttl": LOGIN_SECONDS,
        "token_max_ttl": LONGEST_LOGIN if identity.renews else LOGIN_SECONDS,
        "token_num_uses": 0,
        "token_type": "service",
    }
    if identity.method == "approle":
        settings["bind_secret_id"] = True
    return LoginRole(identity.method, identity.where, identity.role or policy, settings)


def _scope(grant: Grant, key: str) -> str:
    value = grant.scope.get(key, "")
    if not NAME.fullmatch(value):  # it goes into HCL and into paths
        raise ConfigError(f"grant {grant.name}: scope.{key} is missing or no name", "1 to 64 letters, digits, _ and -")
    return value
