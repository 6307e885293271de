"""Source `database`: a database user made by Vault's database engine (`scope.role`), dropped again on revocation.

The user is read with a token of the lease's own, whose policy (`scope.policy`) reads that one role and nothing else.
So something with a known intent exists before the user does: a lost reply is found by that token, and its death takes
the user with it. The token is not handed out and not kept.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from broker.errors import MaybeIssued, SourceFailed
from broker.issue import vault_accessors, vault_mint
from broker.issue.scope import HOST, PORT, TEXT, VAULT_NAME, Scope
from broker.issue.source import MintRequest
from broker.issue.vault_token import SETTLE_SECONDS, line, not_yet, settled
from broker.lease import Lease, Minted
from broker.receipt import Line, Revocation
from broker.vault import Vault, joined, segments
from broker.vault_answer import Answer, Outcome, unix
from broker.vault_rule import Rule
from secretguard.secret import Secret

PLAIN_SCOPE = ("host", "port", "database")
"""Parts of the grant's scope that go into the credential as they are: where the user can log in."""

GONE_SECONDS = 3.0
"""How long `recover` watches for the users of a killed token to go; measured: 35 ms with an idle database."""


@dataclasses.dataclass(frozen=True, slots=True)
class VaultDatabaseSource:
    """Implements `Source` on the database engine at `mount`."""

    issuer: Vault
    revoker: Vault
    mount: str = "database"
    settle_seconds: int = SETTLE_SECONDS
    needs_parent = True
    hands_out: ClassVar[bool] = True
    scope: ClassVar[Scope] = Scope(
        {"policy": VAULT_NAME, "role": VAULT_NAME}, {"host": HOST, "port": PORT, "database": TEXT}
    )

    def mint(self, request: MintRequest) -> Minted:
        role = request.grant.scope.get("role", "")
        if not role:
            raise SourceFailed(f"grant {request.grant.name} has no scope.role", "name a role of the database engine")
        path = (*segments(self.mount), "creds", role)
        joined(path)  # a name that is not allowed is refused while nothing exists yet
        token = vault_mint.child_of(request, self.revoker, self.issuer, uses=0, role=role)
        answer = self.issuer.ask("get", *path, token=token.value)
        what = f"a database user for grant {request.grant.name}"
        if answer.outcome is Outcome.REFUSED:
            vault_mint.discard(self.revoker, token.accessor)
        return self._checked(answer.or_maybe(what), request, token)

    def _checked(self, answer: Answer, request: MintRequest, token: vault_mint.Token) -> Minted:
        user, password = answer.data.get("username"), answer.data.get("password")
        good = isinstance(user, str) and isinstance(password, str) and user and password and answer.lease_id
        if not good or answer.warnings or not answer.lease_seconds:
            vault_mint.discard(self.revoker, token.accessor)  # queues the user's end; only recovery can confirm it
            raise MaybeIssued("Vault's answer for a database user is not usable", "recovery revokes it")
        fields = {"username": Secret(str(user)), "password": Secret(str(password))}
        scope = request.grant.scope
        fields |= {key: Secret(scope[key]) for key in PLAIN_SCOPE if key in scope}
        expires = min(token.expires_at, int(time.time()) + answer.lease_seconds + 1)
        return Minted(fields, token.accessor, answer.lease_id, expires)

    def revoke(self, lease: Lease) -> Line:
        if not lease.source_lease:
            return self.recover(lease)
        body = {"lease_id": lease.source_lease, "sync": True}
        self.revoker.ask("put", "sys", "leases", "revoke", body=body)  # judged by the look-up below, whatever it says
        if lease.accessor:
            vault_accessors.kill(self.revoker, lease.accessor)  # where sync failed, this makes Vault go on trying
        if self._gone(lease.source_lease):
            return line(lease, Revocation.CONFIRMED, "the database user is gone")
        return line(lease, Revocation.QUEUED, "the database did not answer; Vault goes on trying to drop the user")

    def recover(self, lease: Lease) -> Line:
        found = self.recover_all([lease])
        if lease.id not in found:
            raise not_yet(self.settle_seconds)
        return found[lease.id]

    def recover_all(self, leases: Iterable[Lease]) -> dict[str, Line]:
        """`recover` for many leases with one sweep; those of which nothing can be said yet are left out."""
        lost = {lease.id: lease for lease in leases}
        lines = {}
        for token in vault_accessors.sweep(self.revoker, lambda meta: meta.get("intent") in lost):
            intent = token.meta["intent"]
            lines[intent] = self._end(lost[intent], token)
        for lease in lost.values():
            if lease.id not in lines and settled(lease, self.settle_seconds):
                lines[lease.id] = line(lease, Revocation.NOTHING, "no token carries this intent")
        return lines

    def _end(self, lease: Lease, token: vault_accessors.Found) -> Line:
        """Kill a found token and watch its users go. Which leases are the token's is not said by Vault: all of the
        role made since the token are watched, so a neighbour's live lease can keep this from being confirmed."""
        suspects = self._leases_since(token.meta.get("role", ""), token.created_at)
        vault_accessors.kill(self.revoker, token.accessor)
        until = time.monotonic() + GONE_SECONDS
        while suspects and time.monotonic() < until:
            suspects = [each for each in suspects if not self._gone(each)]
            time.sleep(0.02 if suspects else 0)
        if suspects:
            return line(lease, Revocation.QUEUED, "the token is dead; Vault drops the user by itself")
        return line(lease, Revocation.CONFIRMED, "found by its intent, token and database user are dead")

    def _leases_since(self, role: str, moment: float) -> list[str]:
        where = (*segments(self.mount), "creds", role)
        answer = self.revoker.ask("list", "sys", "leases", "lookup", *where, cap=vault_accessors.LIST_CAP)
        if answer.empty:
            return []
        keys = answer.or_failed("listing a database role's leases").data.get("keys") or []
        full = ["/".join((*where, str(key))) for key in keys]
        return [lease_id for lease_id in full if self._made_at(lease_id) >= moment]

    def _made_at(self, lease_id: str) -> float:
        answer = self._look_up(lease_id)
        return 0.0 if answer is None else unix(answer.data.get("issue_time"))

    def _gone(self, lease_id: str) -> bool:
        return self._look_up(lease_id) is None

    def _look_up(self, lease_id: str) -> Answer | None:
        answer = self.revoker.ask("post", "sys", "leases", "lookup", body={"lease_id": lease_id})
        if answer.outcome is Outcome.REFUSED and answer.says("invalid lease"):
            return None
        return answer.or_failed("looking a lease up")


def policy_rules(mount: str, scope: Mapping[str, str]) -> tuple[Rule, ...]:
    """What the token of one lease may do: see `broker/issue/vault_rules.py`."""
    why = "Read one database user, once a lease; nothing else. Never handed out."
    return (Rule(f"{mount}/creds/{scope.get('role', '')}", ("read",), why),)


def revoker_rules(mount: str) -> tuple[Rule, ...]:
    """What the revoker needs to see that the users of a lost token are gone."""
    why = (
        "sudo, because Vault asks for it on every listing of leases: to see that the users of a lost database token "
        "are gone."
    )
    return (Rule(f"sys/leases/lookup/{mount}/creds/+/", ("list", "sudo"), why),)


def weakness(role: Mapping[str, Any]) -> str:
    """Measured: without statements of its own the engine drops the user and leaves its open sessions alive."""
    if role.get("revocation_statements"):
        return ""
    return "open sessions outlive a revocation; give it revocation_statements that end them"
