"""Source `kv`: one field of one secret in Vault's key-value engine, read when it is asked for, for injection alone.

The value is somebody else's and lives on whatever happens here, so it never enters the sandbox and is never stored,
neither sealed nor in the record. The lease's own token reads once and is spent by that. Both versions of the engine;
with version 2 a grant may pin one version of the secret.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import ClassVar

from broker.errors import SourceFailed
from broker.issue import vault_accessors, vault_mint
from broker.issue.scope import VAULT_NAME, WHOLE, Scope, matching
from broker.issue.source import MintRequest, line
from broker.issue.vault_lease import TokenLease
from broker.lease import Lease, Minted
from broker.receipt import Line, Revocation
from broker.vault import segments
from broker.vault_answer import Answer
from broker.vault_rule import Rule
from secretguard.secret import Secret

PATH = matching("a path of names with / between", re.compile(r"[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,15}"))
FIELD = matching("the name of a field", re.compile(r"[A-Za-z0-9_.-]{1,64}"))


@dataclasses.dataclass(frozen=True, slots=True)
class VaultKvSource(TokenLease):
    """Implements `Source` on the key-value engine at `mount`. `version` is the engine's: 1 or 2."""

    mount: str
    version: int = 2
    dies_with_parent: ClassVar[bool] = True
    hands_out: ClassVar[bool] = False
    end: ClassVar[str] = "the token is dead, and what it may have read was given to nobody"
    scope: ClassVar[Scope] = Scope({"policy": VAULT_NAME, "path": PATH, "field": FIELD}, {"version": WHOLE})

    def mint(self, request: MintRequest) -> Minted:
        """See `broker/issue/source.py`."""
        grant = request.grant
        pinned = grant.scope.get("version", "")
        if pinned and self.version == 1:
            raise SourceFailed(f"grant {grant.name}: version 1 of the engine keeps no versions", "drop scope.version")
        path = segments(f"{where(self.mount, self.version)}/{grant.scope.get('path', '')}")
        token, answer = self._once(request, path, uses=1, query={"version": pinned} if pinned else None)
        what, field = f"{grant.scope.get('path', '')} in {self.mount}", grant.scope.get("field", "")
        if answer.status == 404:
            raise SourceFailed(f"{what}: {_missing(answer)}", _FIX)
        answer.or_maybe(f"reading {what}")
        wrong = self._other_version(answer, pinned)
        value = self._fields(answer).get(field)
        if wrong or not isinstance(value, str) or not value:
            vault_mint.discard(self.revoker, token.accessor)
            problem = wrong or f"the field {field} is not there, is empty or is no text"
            raise SourceFailed(f"{what}: {problem}", _FIX)
        return Minted({"value": Secret(value)}, token.accessor, "", token.expires_at)

    def revoke(self, lease: Lease) -> Line:
        """The token dies, and the value is given to nobody any more; at its source there is nothing to take back."""
        if not lease.accessor:
            return self.recover(lease)
        vault_accessors.kill(self.revoker, lease.accessor)
        return line(
            lease, Revocation.STANDING, "read through and not kept; only its owner in Vault can change the value"
        )

    def _fields(self, answer: Answer) -> Mapping[str, object]:
        found = answer.data.get("data") if self.version == 2 else answer.data
        return found if isinstance(found, dict) else {}

    def _other_version(self, answer: Answer, pinned: str) -> str:
        """Whether engine or secret are of another version than meant; empty when not."""
        if self.version == 1:
            return ""
        metadata = answer.data.get("metadata")
        if not isinstance(metadata, dict):
            return "the answer is not one of version 2 of the engine"
        if pinned and str(metadata.get("version")) != pinned:
            return f"version {pinned} was asked for, another one answered"
        return ""


_FIX = "compare the grant's scope with what lies in Vault"


def where(mount: str, version: int) -> str:
    """Below which path the engine's secrets are read."""
    return f"{mount}/data" if version == 2 else mount


def _missing(answer: Answer) -> str:
    """Why there is no such value, as far as Vault says."""
    metadata = answer.data.get("metadata")
    if isinstance(metadata, dict):
        gone = "destroyed" if metadata.get("destroyed") else "deleted"
        return f"version {metadata.get('version')} is {gone}"
    if answer.says("invalid path for a versioned"):
        return "the engine is of version 2, and the configuration says 1"
    return "there is nothing"


def policy_rules(below: str, scope: Mapping[str, str]) -> tuple[Rule, ...]:
    """What the token of one lease may do `below` a path of `where`: see `broker/issue/vault_rules.py`."""
    return (Rule(f"{below}/{scope.get('path', '')}", ("read",), "Read this secret, once a lease. Never handed out."),)
