"""Source `database`: a database user made by Vault's database engine (`scope.role`), dropped again on revocation.

The user is read with a token of the lease's own, whose policy (`scope.policy`) reads that one role and nothing else.
So something with a known intent exists before the user does: a lost reply is found by that token, and its death takes
the user with it. The token is not handed out and not kept.
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from broker.errors import MaybeIssued
from broker.issue import vault_mint
from broker.issue.scope import HOST, PORT, TEXT, VAULT_NAME, Scope
from broker.issue.source import MintRequest
from broker.issue.vault_lease import EngineLease
from broker.lease import Minted
from broker.vault import segments
from broker.vault_answer import Answer
from broker.vault_rule import Rule
from secretguard.secret import Secret

PLAIN_SCOPE = ("host", "port", "database")
"""Parts of the grant's scope that go into the credential as they are: where the user can log in."""

ENDS_SESSIONS = re.compile(r"pg_terminate_backend|\bkill\b|disconnect\s+session", re.IGNORECASE)
"""How statements end sessions: PostgreSQL; MySQL, MariaDB, SQL Server and Oracle; Oracle."""


@dataclasses.dataclass(frozen=True, slots=True)
class VaultDatabaseSource(EngineLease):
    """Implements `Source` on the database engine at `mount`."""

    gives: ClassVar[str] = "creds"
    end: ClassVar[str] = "the database user is gone"
    late: ClassVar[str] = "the database did not answer; Vault goes on trying to drop the user"
    hands_out: ClassVar[bool] = True
    scope: ClassVar[Scope] = Scope(
        {"policy": VAULT_NAME, "role": VAULT_NAME}, {"host": HOST, "port": PORT, "database": TEXT}
    )

    def mint(self, request: MintRequest) -> Minted:
        """See `broker/issue/source.py`."""
        path = (*segments(self.mount), self.gives, request.grant.scope.get("role", ""))
        token, answer = self._once(request, path)
        return self._checked(answer.or_maybe(f"a database user for grant {request.grant.name}"), request, token)

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
    """Whether a revocation ends open sessions, too. Measured on PostgreSQL: the engine's own way, and statements that
    drop the user alone, leave a session alive that can still read what needs no right."""
    statements = role.get("revocation_statements")
    if not statements:
        return "open sessions outlive a revocation; give it revocation_statements that end them"
    if not any(ENDS_SESSIONS.search(str(one)) for one in statements):
        return "open sessions outlive a revocation; none of its revocation_statements ends them"
    return ""
