"""The one interface behind which every credential source stands. One file a source; the table is `registry.py`."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from typing import Protocol, runtime_checkable

from broker.grant import Grant
from broker.issue.scope import Scope
from broker.lease import Lease, Minted
from broker.receipt import Line, Revocation
from secretguard.secret import Secret


@dataclasses.dataclass(frozen=True, slots=True)
class MintRequest:
    """Everything a source may know. `ttl` is seconds, already the smallest of grant, request and task deadline.

    `lease_id` is written to the source's own metadata as `intent`, so that a lost answer can be found again.
    `parent` is the task's parent credential (a Vault token) for sources that hang leases below it, else None.
    `subject` is who the task runs for and `task_policy` the name of its policy, for sources that state identities.
    """

    task_id: str
    lease_id: str
    grant: Grant
    ttl: int
    subject: str
    parent: Secret | None
    task_policy: str = ""


def line(lease: Lease, revocation: Revocation, detail: str) -> Line:
    """The receipt's line for `lease`."""
    return Line(lease.id, lease.grant, lease.source, revocation, lease.expires_at, detail)


class Declared(Protocol):
    """What the class of a source says about its grants. `scope`: the keys of a grant's scope. `hands_out`: whether a
    credential may reach whoever runs the task; without it, it is only for injection outside of the sandbox."""

    scope: Scope
    hands_out: bool


class Source(Protocol):
    """A credential source. Implementations keep no state of their own, are safe to call from several threads, put a
    deadline on every wait, and raise only SourceFailed (certain: nothing issued) or MaybeIssued (unknown)."""

    needs_parent: bool

    def mint(self, request: MintRequest) -> Minted:
        """Create one credential. The intent has been recorded before this is called."""

    def revoke(self, lease: Lease) -> Line:
        """Take one credential back and check that it is dead. Safe to repeat; a credential already gone is
        CONFIRMED. Raises SourceFailed when the source cannot be reached: the caller tries again."""

    def recover(self, lease: Lease) -> Line:
        """The answer to `mint` was lost: find whatever was issued for `lease.id` and revoke it. NOTHING when the
        source is sure that there is none. Raises SourceFailed when it cannot be told now."""


@runtime_checkable
class SweepingSource(Protocol):
    """What a Source may also offer: looking for many lost leases at once."""

    def recover_all(self, leases: Iterable[Lease]) -> dict[str, Line]:
        """As `recover` for each lease, by lease id; a lease of which nothing can be said yet is left out. Raises
        SourceFailed when nothing can be told now."""


@runtime_checkable
class RevokingSource(Protocol):
    """What a Source may also offer: taking many leases back at once."""

    def revoke_all(self, leases: Iterable[Lease]) -> dict[str, Line]:
        """As `revoke` for each lease, by lease id; QUEUED with the reason for one that is not known to be dead. Raises
        SourceFailed when nothing can be told now."""


class ParentSource(Protocol):
    """Makes and revokes the credential under which all of a task's leases hang (a Vault orphan token)."""

    def open_parent(
        self, task_id: str, grants: tuple[Grant, ...], ttl: int, above: Secret | None = None
    ) -> tuple[Secret, str]:
        """Create the parent: (secret, accessor). That of a sub-task hangs below the one `above`, and dies with it.
        Raises SourceFailed or MaybeIssued."""

    def close_parent(self, accessor: str) -> None:
        """Revoke the parent and everything below it; done when it returns. Safe to repeat. Raises SourceFailed."""

    def recover_parents(self, task_ids: Collection[str]) -> dict[str, int]:
        """Find and revoke parents of these tasks whose accessor was lost, with one look for all: how many there were of
        each task. Raises SourceFailed when one of them may still live."""
