"""Making one token and believing nothing: the answer must be exactly what was asked for, or the token is killed.

Shared by the task's parent and by each lease's own token. Requests are raw and minimal, because a policy with
`allowed_parameters` refuses every extra key (hvac's own `create` sends five).
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping

from broker.errors import MaybeIssued, SourceFailed
from broker.issue.source import MintRequest
from broker.issue.vault_accessors import MAKER, kill
from broker.vault import Vault
from broker.vault_answer import Answer
from secretguard.secret import Secret


@dataclasses.dataclass(frozen=True, slots=True)
class Token:
    """A token that was checked against its order. `expires_at` is Unix seconds, never too early."""

    value: Secret
    accessor: str
    expires_at: int


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """What a token must be. `explicit` also sends the lifetime as `explicit_max_ttl` (a role that has its own would
    answer with a warning, and warnings are errors here)."""

    policies: frozenset[str]
    ttl: int
    meta: Mapping[str, str]
    uses: int = 0
    orphan: bool = False
    explicit: bool = True

    def body(self) -> dict[str, object]:
        asked: dict[str, object] = {
            "policies": sorted(self.policies),
            "ttl": f"{self.ttl}s",
            "renewable": False,
            "no_default_policy": True,
            "display_name": MAKER,
            "meta": {"maker": MAKER, **self.meta},
        }
        if self.explicit:
            asked["explicit_max_ttl"] = f"{self.ttl}s"
        if self.uses:
            asked["num_uses"] = self.uses
        return asked


def child_of(request: MintRequest, revoker: Vault, issuer: Vault, *, uses: int, role: str = "") -> Token:
    """A token for one lease, below the task's parent, with the one policy that the grant names."""
    if request.parent is None:
        raise SourceFailed(f"grant {request.grant.name}: the task has no parent token", "start a new task")
    policy = request.grant.scope.get("policy", "")
    if not policy:
        raise SourceFailed(f"grant {request.grant.name} has no scope.policy", "name a provisioned Vault policy")
    meta = {"kind": "lease", "task": request.task_id, "intent": request.lease_id}
    order = Order(frozenset({policy}), request.ttl, {**meta, "role": role} if role else meta, uses=uses)
    answer = issuer.ask("post", "auth", "token", "create", body=order.body(), token=request.parent)
    return checked(answer.or_maybe(f"a token for grant {request.grant.name}"), order, revoker)


def checked(answer: Answer, order: Order, revoker: Vault) -> Token:
    """The token in `answer` when it is what `order` says and came without a warning; else it is killed.

    Raises SourceFailed once it is dead, MaybeIssued when that could not be confirmed.
    """
    accessor = answer.auth.get("accessor")
    if answer.token is None or not isinstance(accessor, str) or not accessor:
        raise MaybeIssued("Vault's answer has no token or no accessor", "recovery looks for it and revokes it")
    wrong = _wrong(answer, order)
    if wrong:
        discard(revoker, accessor)
        raise SourceFailed(f"Vault made a token that was not asked for ({wrong}); it is revoked", _FIX)
    seconds = int(answer.auth["lease_duration"])
    return Token(answer.token, accessor, int(time.time()) + seconds + 1)


_FIX = "run `broker vault setup` again, then `broker vault check`"


def discard(revoker: Vault, accessor: str) -> None:
    """Kill a token that will not be handed out. Raises MaybeIssued when its death could not be confirmed."""
    try:
        kill(revoker, accessor)
    except SourceFailed:
        raise MaybeIssued("a token that was not handed out could not be revoked", "recovery revokes it") from None


def _wrong(answer: Answer, order: Order) -> str:
    """The first thing that is not as ordered, in our own words; empty when all is."""
    auth = answer.auth
    if answer.says("does not exist"):
        return "a policy does not exist"
    if answer.says("exceeded the effective max_ttl"):
        return "its lifetime was cut by a cap in Vault"
    if answer.warnings:
        return "Vault warned about it"
    if {str(name) for name in auth.get("policies") or ()} != {name.lower() for name in order.policies}:
        return "other policies"
    if auth.get("identity_policies"):
        return "policies of an identity"
    if auth.get("token_type") != "service" or auth.get("renewable") is not False:
        return "renewable, or not a service token"
    if auth.get("num_uses") != order.uses or auth.get("orphan") is not order.orphan:
        return "another use cap or place in the tree"
    seconds = auth.get("lease_duration")
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds <= order.ttl:
        return "another lifetime"
    return ""
