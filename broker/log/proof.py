"""One record and the proof that the log holds it, as a file that is checked offline: C2SP `tlog-proof` (https://c2sp.org).

c2sp.org/tlog-proof@v1
extra BASE64                 the record's exact bytes: hashed as the leaf, so that the proof covers them
index N                      its number
HASH...                      the audit path, base64, one a line
                             (blank)
the signed checkpoint, with the cosignatures of witnesses
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Sequence

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.errors import NotFound
from broker.log.cosignature import Witness, cosigned_at
from broker.log.tree import Tree
from broker.store.log import newest_note
from broker.store.tables import checkpoints, erasures, events, leaves
from secretguard.audit.checkpoint import CheckpointError
from secretguard.audit.checkpoint import verify as verify_checkpoint
from secretguard.audit.merkle import HASH_BYTES, MAX_PROOF, leaf_hash, verify_inclusion
from secretguard.audit.note import strict_base64

MAGIC = "c2sp.org/tlog-proof@v1"
MAX_BYTES = 512 * 1024


class ProofError(CheckpointError):
    """The file is no proof, or does not prove this record under this key."""


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it was read; nothing of it is believed yet. `record` is "" where the file has none."""

    index: int
    path: tuple[bytes, ...]
    note: str
    record: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Proved:
    """What was proved: `record` is entry `index` of the log `origin` as its checkpoint of `size` entries states it;
    `witnesses` cosigned that at (name, Unix seconds)."""

    origin: str
    index: int
    size: int
    record: str
    witnesses: tuple[tuple[str, int], ...]


def prove(tx: sa.Connection, leaf: int) -> str:
    """The proof of entry `leaf` under the newest checkpoint, as a file. Raises NotFound, RecordFailed."""
    size = int(tx.execute(sa.select(sa.func.max(checkpoints.c.size))).scalar() or 0)
    if not 0 <= leaf < size:
        raise NotFound(
            f"no checkpoint covers entry {leaf}", "entries are numbered within a second", rule="unknown-entry"
        )
    joined = leaves.outerjoin(events, events.c.seq == leaves.c.seq)
    payload = tx.execute(sa.select(events.c.payload).select_from(joined).where(leaves.c.leaf == leaf)).scalar()
    gone = sa.select(erasures.c.seq).join(leaves, leaves.c.seq == erasures.c.seq).where(leaves.c.leaf == leaf)
    whole = payload is not None and tx.execute(gone).first() is None
    extra = [f"extra {base64.b64encode(str(payload).encode()).decode()}"] if whole else []
    path = [base64.b64encode(one).decode() for one in Tree(tx, size).inclusion(leaf)]
    return "\n".join([MAGIC, *extra, f"index {leaf}", *path, "", newest_note(tx, size) or ""])


def read_proof(text: str) -> Proof:
    """Read a proof file. Raises ProofError."""
    if len(text) > MAX_BYTES:
        raise ProofError(f"a proof has at most {MAX_BYTES} characters")
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != MAGIC or not blank:
        raise ProofError(f"the file does not begin with {MAGIC}, or has no checkpoint")
    rest = lines[1:]
    record = b""
    if rest and rest[0].startswith("extra "):
        record = _bytes(rest.pop(0).removeprefix("extra "))
    word, _, number = rest[0].partition(" ") if rest else ("", "", "")
    if word != "index" or not (number.isascii() and number.isdigit()) or len(number) > 18 or number != str(int(number)):
        raise ProofError("the proof has no index")
    path = tuple(_bytes(line) for line in rest[1:])
    if len(path) > MAX_PROOF or any(len(one) != HASH_BYTES for one in path):
        raise ProofError("the proof's hashes are not 32 bytes each, or too many")
    return Proof(int(number), path, note, record)


def check_proof(
    proof: Proof, key: Ed25519PublicKey, witnesses: Sequence[Witness] = (), record: bytes | None = None
) -> Proved:
    """What the proof shows under the log's key, with every one of `witnesses` on it; `record` stands in for bytes that
    the file does not carry. Raises ProofError, CheckpointError."""
    told = proof.record if record is None else record
    if not told:
        raise ProofError("the file does not carry the record", "give it with --record")
    origin, size, root = verify_checkpoint(proof.note, key)
    if not verify_inclusion(leaf_hash(told), proof.index, size, list(proof.path), root):
        raise ProofError(f"this is not entry {proof.index} of the log that the checkpoint states")
    seen = tuple((witness.name, _seen(proof.note, witness)) for witness in witnesses)
    try:
        return Proved(origin, proof.index, size, told.decode(), seen)
    except UnicodeDecodeError:
        raise ProofError("the record is no text") from None


def _seen(note: str, witness: Witness) -> int:
    for line in note[note.rindex("\n\n") + 2 :].split("\n"):
        at = cosigned_at(note, line, witness)
        if at is not None:
            return at
    raise ProofError(f"the checkpoint has no cosignature of {witness.name}")


def _bytes(text: str) -> bytes:
    value = strict_base64(text)
    if text and not value:
        raise ProofError("a line of the proof is not base64 in its one spelling")
    return value
