"""Try the broker's two identities on the real server: what they may do, what they must not, and one whole drill.

Nothing is left behind: the drill's tokens live a minute and are revoked. What the server can do is found out by doing
it, never from its version.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Iterator, Mapping

from broker import vault_plan
from broker.errors import BrokerError
from broker.grant import Grant
from broker.issue import vault_accessors
from broker.issue.source import MintRequest
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_token import VaultTokenSource
from broker.lease import Lease, LeaseState
from broker.log.transit import TransitKey
from broker.receipt import Revocation
from broker.vault import Vault
from broker.vault_config import Vaults, VaultTable
from broker.vault_rule import Rule
from secretguard.errors import SecretguardError

SECONDS = 60
NOT_FOR_EITHER = (
    "auth/token/create",
    "auth/token/create-orphan",
    "auth/token/create/another",
    "auth/token/roles/{role}",
    "auth/approle/role/another/secret-id",
    "sys/policies/acl/{role}",
    "sys/leases/revoke-prefix/auth",
    "sys/leases/revoke-force/auth",
    "{database}/creds/any",
    "secret/data/any",
)
"""Paths on which neither identity may do anything."""


@dataclasses.dataclass(frozen=True, slots=True)
class Probe:
    """One thing tried. `problem` says in our own words why it does not work; empty when it does."""

    name: str
    problem: str = ""


def check(
    table: VaultTable, vaults: Vaults, log_key: tuple[str, str] | None = None, signing: TransitKey | None = None
) -> Iterator[Probe]:
    """All probes in order; the drills only when what comes before works. `log_key` is mount and name of the transit key
    that signs the log, where one does, and `signing` that key with the public half that is pinned."""
    probes = (
        ("the server answers and is unsealed", lambda: healthy(vaults.issuer)),
        ("issuer may make task tokens, and nothing else", lambda: rights_of(table, vaults, "issuer", log_key)),
        ("revoker may look up and revoke, nothing else", lambda: rights_of(table, vaults, "revoker", log_key)),
    )
    good = True
    for name, probe in probes:
        result = Probe(name, _problem(probe))
        good = good and not result.problem
        yield result
    if good:
        yield Probe(
            "drill: parent, lease, lost reply found by its intent, end", _problem(lambda: _drill(table, vaults))
        )
    if good and signing is not None:
        yield Probe("the log's key signs, as log.vkey states", _problem(lambda: _signs(signing)))


def _signs(key: TransitKey) -> str:
    key.sign(b"secretguard: a test of the log's key")  # one line: no checkpoint, which has three
    return ""


def _problem(probe: Callable[[], str]) -> str:
    try:
        return probe()
    except SecretguardError as error:
        return str(error).replace("\n  ", "; ")


def healthy(vault: Vault) -> str:
    """What keeps this server from working, in our own words; empty when nothing does."""
    answer = vault.ask_openly("get", "sys", "health")
    if answer.status in (200, 429, 473):  # active, or a standby that forwards
        return ""
    known = {501: "it is not initialised", 503: "it is sealed", 472: "it is a disaster-recovery secondary"}
    return known.get(answer.status, f"it {answer.why}")


def rights_of(table: VaultTable, vaults: Vaults, who: str, log_key: tuple[str, str] | None = None) -> str:
    """In what the rights of `who` (issuer or revoker) differ from the plan's, by Vault's own word; empty when in
    nothing. What the other one may is forbidden, and so is what neither may."""
    own = vault_plan.own_rules(table, log_key)
    issuer, revoker = (_expected(own[name]) for name in (table.issuer_role, table.revoker_role))
    vault, wanted, others = (vaults.issuer, issuer, revoker) if who == "issuer" else (vaults.revoker, revoker, issuer)
    names = {"role": table.task_role, "database": table.database_mount}
    never = [path.format(**names) for path in (*NOT_FOR_EITHER, *others, *_of_the_key(log_key))]
    return _rights(vault, dict.fromkeys(never, frozenset[str]()) | wanted)


def _expected(rules: tuple[Rule, ...]) -> dict[str, frozenset[str]]:
    return {rule.path.replace("+", "any"): frozenset(rule.capabilities) for rule in rules}


def _of_the_key(log_key: tuple[str, str] | None) -> tuple[str, ...]:
    if log_key is None:
        return ()
    mount, key = log_key
    inside = f"{mount}/keys/{key}"
    return (f"{mount}/sign/another", inside, f"{inside}/rotate", f"{mount}/export/signing-key/{key}")


def _rights(vault: Vault, forbidden: Mapping[str, frozenset[str]]) -> str:
    asked = vault.ask("post", "sys", "capabilities-self", body={"paths": sorted(forbidden)})
    told = asked.or_failed("asking for this identity's rights").data
    for path, expected in forbidden.items():
        rights = told.get(path)
        has = frozenset(map(str, rights)) - {"deny"} if isinstance(rights, list) else None
        if has is None:
            return f"the server does not say what it may do on {path}"
        if "root" in has:
            return "it may do everything: this is a root token"
        if expected - has:
            return f"it lacks {'+'.join(sorted(expected - has))} on {path}"
        if has - expected:
            return f"it has {'+'.join(sorted(has - expected))} on {path}, more than it needs"
    return ""


def _drill(table: VaultTable, vaults: Vaults) -> str:
    task, first, second = (f"check-{secrets.token_hex(8)}" for _ in range(3))
    parents = VaultParent(vaults.issuer, vaults.revoker, table.task_role, table.task_role)
    source = VaultTokenSource(vaults.issuer, vaults.revoker, settle_seconds=0)
    grant = Grant("check", "vault_token", {"policy": table.task_role}, SECONDS)
    parent, accessor = parents.open_parent(task, (grant,), SECONDS)
    try:
        minted = source.mint(MintRequest(task, first, grant, SECONDS, "check", parent))
        known = Lease(first, task, "check", "vault_token", LeaseState.ISSUED, accessor=minted.accessor)
        if source.revoke(known).revocation is not Revocation.CONFIRMED:
            return "a lease could not be revoked"
        source.mint(MintRequest(task, second, grant, SECONDS, "check", parent))  # as if this answer had been lost
        lost = Lease(second, task, "check", "vault_token", LeaseState.UNCERTAIN)
        if source.recover(lost).revocation is not Revocation.CONFIRMED:
            return "a lease whose answer was lost is not found by its intent"
    finally:
        _close(parents, accessor)
    return "" if vault_accessors.look_up(vaults.revoker, accessor) is None else "the parent outlives its end"


def _close(parents: VaultParent, accessor: str) -> None:
    try:
        parents.close_parent(accessor)
    except BrokerError:
        return  # the look-up that follows says so; the token has a minute to live at most
