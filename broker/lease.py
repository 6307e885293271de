"""A lease: one issued credential without the credential. Frozen; the store holds its current state."""

from __future__ import annotations

import dataclasses
import enum

from secretguard.secret import Secret


class LeaseState(enum.StrEnum):
    """intended → minted → issued → revoked is the good path. Every other way out ends in failed or revoked.

    INTENDED and UNCERTAIN without a later state mean *maybe issued*: recovery finds and revokes.
    """

    INTENDED = "intended"
    MINTED = "minted"
    ISSUED = "issued"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    REVOKED = "revoked"


@dataclasses.dataclass(frozen=True, slots=True)
class Lease:
    """One row of the lease table. `accessor` and `source_lease` identify the credential at its source and are no
    secrets by themselves; `sealed` is ciphertext of what `Minted.sealed` is; times are Unix seconds."""

    id: str
    task_id: str
    grant: str
    source: str
    state: LeaseState
    accessor: str = ""
    source_lease: str = ""
    created_at: int = 0
    expires_at: int = 0
    sealed: bytes = dataclasses.field(default=b"", repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Minted:
    """What a source answers: the credential's fields as secrets, and how to find it again.

    `fields` maps names (`token`; `username`, `password`, `host`, ...) to values; `expires_at` is Unix seconds, the
    source's own word for it. `accessor` / `source_lease` are what `revoke` needs; where that is a secret itself it is
    in `sealed`, which the source made with the broker's Sealer: the store keeps it until the lease is over.
    """

    fields: dict[str, Secret]
    accessor: str
    source_lease: str
    expires_at: int
    sealed: bytes = dataclasses.field(default=b"", repr=False)
