"""What all sources below Vault share: each lease has a token of its own, which carries the lease's id as `intent`.

So a lost answer is found by that token, and what hangs below it in Vault (a database user, a certificate's lease) dies
with it. `TokenLease` is for a token that is all there is to take back; `EngineLease` adds the lease that a secrets
engine hangs below the token.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

from broker.errors import SourceFailed
from broker.issue import vault_accessors, vault_mint
from broker.issue.source import MintRequest, line
from broker.lease import Lease
from broker.receipt import Line, Revocation
from broker.vault import Vault, joined, segments
from broker.vault_answer import Answer, Outcome, unix

SETTLE_SECONDS = 120
"""How long after its intent a mint whose reply was lost may still be carried out: it was sent within READY_SECONDS
(`broker/pipeline.py`) and the time of connecting, and Vault's default `max_request_duration` is 90 s. Not finding it
before then proves nothing."""

GONE_SECONDS = 3.0
"""How long `recover` watches what hung below a killed token go; measured: 35 ms with an idle database."""


@dataclasses.dataclass(frozen=True, slots=True)
class TokenLease:
    """The half of a Source that finds lost leases. `issuer` only carries calls with the parent's and the lease's own
    token; `revoker` looks up, sweeps and revokes. `end` is this source's word for what is dead with the token."""

    issuer: Vault
    revoker: Vault
    settle_seconds: int = dataclasses.field(default=SETTLE_SECONDS, kw_only=True)

    needs_parent = True
    end: ClassVar[str] = "the token is dead"

    def recover(self, lease: Lease) -> Line:
        """See `broker/issue/source.py`."""
        found = self.recover_all([lease])
        if lease.id not in found:
            fix = f"it is certain {self.settle_seconds} s after its intent"
            raise SourceFailed("nothing found for a lost mint, which may still be under way", fix)
        return found[lease.id]

    def recover_all(self, leases: Iterable[Lease]) -> dict[str, Line]:
        """`recover` for many leases with one sweep; those of which nothing can be said yet are left out."""
        lost = {lease.id: lease for lease in leases}
        found = vault_accessors.sweep(self.revoker, lambda meta: meta.get("intent") in lost)
        lines = self._ended([(lost[token.meta["intent"]], token) for token in found])
        for lease in lost.values():
            if lease.id not in lines and time.time() >= lease.created_at + self.settle_seconds:
                lines[lease.id] = line(lease, Revocation.NOTHING, "no token carries this intent")
        return lines

    def _ended(self, found: Sequence[tuple[Lease, vault_accessors.Found]]) -> dict[str, Line]:
        """Kill the tokens that were found: a line for each that is dead."""
        alive = vault_accessors.kill_all(self.revoker, (token.accessor for _, token in found))
        dead = [lease for lease, token in found if token.accessor not in alive]
        return {lease.id: line(lease, Revocation.CONFIRMED, f"found by its intent, {self.end}") for lease in dead}

    def _once(
        self, request: MintRequest, path: tuple[str, ...], body: dict[str, object] | None = None, *, uses: int = 0,
        query: dict[str, str] | None = None,
    ) -> tuple[vault_mint.Token, Answer]:  # fmt: skip
        """One call to an engine with the lease's own token, which is gone again where Vault refuses.

        Without `body` it is a read. Raises SourceFailed, MaybeIssued.
        """
        joined(path)  # a name that is not allowed is refused while nothing exists yet
        role = request.grant.scope.get("role", "")
        token = vault_mint.child_of(request, self.revoker, self.issuer, uses=uses, role=role)
        method = "get" if body is None else "post"
        answer = self.issuer.ask(method, *path, body=body, token=token.value, query=query)
        if answer.outcome is Outcome.REFUSED:
            vault_mint.discard(self.revoker, token.accessor)
        return token, answer


@dataclasses.dataclass(frozen=True, slots=True)
class EngineLease(TokenLease):
    """The half of a Source that takes back, too, where the engine at `mount` gives leases below `mount`/`gives`/ROLE.

    `Lease.source_lease` starts with Vault's lease id, up to a space.
    """

    mount: str
    gives: ClassVar[str] = ""
    late: ClassVar[str] = "Vault goes on trying"

    def revoke(self, lease: Lease) -> Line:
        """See `broker/issue/source.py`."""
        if not lease.source_lease:
            return self.recover(lease)
        lease_id = lease.source_lease.partition(" ")[0]
        body = {"lease_id": lease_id, "sync": True}
        self.revoker.ask("put", "sys", "leases", "revoke", body=body)  # judged by the look-up below, whatever it says
        if lease.accessor:
            vault_accessors.kill(self.revoker, lease.accessor)  # where sync failed, this makes Vault go on trying
        if self._gone(lease_id):
            return self._taken_back(lease)
        return line(lease, Revocation.QUEUED, self.late)

    def _taken_back(self, lease: Lease) -> Line:
        """What it means that Vault's lease is gone."""
        return line(lease, Revocation.CONFIRMED, self.end)

    def _ended(self, found: Sequence[tuple[Lease, vault_accessors.Found]]) -> dict[str, Line]:
        with ThreadPoolExecutor(vault_accessors.AT_ONCE) as pool:
            lines = pool.map(lambda one: self._watched(*one), found)
            return {lease.id: told for (lease, _), told in zip(found, lines, strict=True)}

    def _watched(self, lease: Lease, token: vault_accessors.Found) -> Line:
        """Kill a found token and watch what hung below it go. Which leases are the token's is not said by Vault: all of
        the role made since the token are watched, so a neighbour's live lease can keep this from being confirmed."""
        suspects = self._leases_since(token.meta.get("role", ""), token.created_at)
        vault_accessors.kill(self.revoker, token.accessor)
        until = time.monotonic() + GONE_SECONDS
        while suspects and time.monotonic() < until:
            suspects = [each for each in suspects if not self._gone(each)]
            time.sleep(0.02 if suspects else 0)
        if suspects:
            return line(lease, Revocation.QUEUED, f"the token is dead; {self.late}")
        return line(lease, Revocation.CONFIRMED, f"found by its intent, the token is dead and {self.end}")

    def _leases_since(self, role: str, moment: float) -> list[str]:
        where = (*segments(self.mount), self.gives, role)
        answer = self.revoker.ask("list", "sys", "leases", "lookup", *where, cap=vault_accessors.LIST_CAP)
        if answer.empty:
            return []
        keys = answer.or_failed("listing a role's leases").data.get("keys") or []
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
