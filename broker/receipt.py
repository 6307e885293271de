"""A receipt: what a revocation achieved, per lease, and honestly."""

from __future__ import annotations

import dataclasses
import enum


class Revocation(enum.StrEnum):
    """CONFIRMED: checked at the source, it is dead. QUEUED: the source has accepted the revocation and not done it
    yet. EXPIRES: it cannot be taken back before `expires_at`. NOTHING: nothing was issued. STANDING: a value that
    others keep and that lives on until they change it; nobody is given it for this lease any more."""

    CONFIRMED = "confirmed"
    QUEUED = "queued"
    EXPIRES = "expires"
    NOTHING = "nothing_issued"
    STANDING = "standing"


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One lease in a receipt. `expires_at` (Unix seconds) bounds the credential's life where it is not CONFIRMED."""

    lease_id: str
    grant: str
    source: str
    revocation: Revocation
    expires_at: int
    detail: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    """All leases of one task (or one lease alone) after a revocation. `complete` is True when none is left alive."""

    task_id: str
    lines: tuple[Line, ...]
    at: int

    @property
    def complete(self) -> bool:
        return all(line.revocation in (Revocation.CONFIRMED, Revocation.NOTHING) for line in self.lines)


@dataclasses.dataclass(frozen=True, slots=True)
class Cause:
    """Who had a credential taken back (an identity, or `broker`), and why, in words; both are recorded."""

    by: str
    why: str
