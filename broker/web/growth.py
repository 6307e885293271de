"""What was added to the log since a check of all of it: verified from there on, in little time.

    1 start    the stored tree has, at the size of the full check, the head that that found     replaced, cut off
    2 entries  each later payload hashes to its leaf hash, numbers follow without a gap          edited, dropped
    3 end      the newest checkpoint is signed by the key and states the head that comes out    replaced

Entries before the start are not read again: an edit there shows at the next full check.
"""

from __future__ import annotations

import base64
import dataclasses

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.log.tree import edge, size_of
from broker.store.database import Database
from broker.store.log import newest_note
from broker.store.tables import erasures, events, leaves, retention
from secretguard.audit import checkpoint
from secretguard.audit.checkpoint import CheckpointError
from secretguard.audit.merkle import Frontier, leaf_hash

MOST = 20_000
"""Entries that one check reads; the rest is for the next one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Growth:
    """The first `size` entries are the checked ones and more; `root` is their head (base64), `findings` what is wrong
    with the later ones, in words."""

    size: int
    root: str
    findings: tuple[str, ...] = ()


def grown(database: Database, key: Ed25519PublicKey, since: Growth) -> Growth:
    """Verify what came after `since`. Raises RecordFailed."""
    with database.read() as tx:
        try:
            note = newest_note(tx)
            _, signed, root = checkpoint.verify(note or "", key)
        except CheckpointError as error:
            return dataclasses.replace(since, findings=(f"the newest checkpoint is not this key's: {error.message}",))
        if signed < since.size or size_of(tx) < signed:
            told = f"cut off: {since.size} entries were checked, the newest checkpoint states {signed}"
            return dataclasses.replace(since, findings=(told,))
        frontier = edge(tx, since.size)
        if base64.b64encode(frontier.head()).decode() != since.root:
            return dataclasses.replace(since, findings=(f"replaced: the first {since.size} entries are others now",))
        return _walk(tx, frontier, signed, root, since)


def _walk(tx: sa.Connection, frontier: Frontier, signed: int, root: bytes, since: Growth) -> Growth:
    """Steps 2 and 3; a checkpoint that lies further than MOST away is compared by a later check."""
    joined = leaves.outerjoin(events, events.c.seq == leaves.c.seq)
    erased = sa.exists().where(erasures.c.seq == events.c.seq, erasures.c.payload == events.c.payload)
    query = sa.select(leaves.c.leaf, leaves.c.hash, events.c.payload, erased).select_from(joined)
    here = query.where(leaves.c.leaf >= since.size, leaves.c.leaf < signed).order_by(leaves.c.leaf)
    minimum = tx.execute(sa.select(sa.func.max(retention.c.minimum))).scalar() or 0
    findings: list[str] = []
    for leaf, stored, payload, replaced in tx.execute(here.limit(MOST)):
        if leaf != frontier.size:
            findings.append(f"dropped: entries {frontier.size} to {leaf - 1}")
            break
        kept = payload is not None and leaf_hash(payload.encode()).hex() == stored
        pruned = payload is None and leaf < minimum
        if not kept and not replaced and not pruned:  # who erased or pruned what, the full check holds against the log
            findings.append(f"edited: entry {leaf}")
        frontier.append(bytes.fromhex(stored))
    if frontier.size == signed and frontier.head() != root:
        findings.append(f"replaced: the first {signed} entries are not those that the newest checkpoint states")
    return Growth(frontier.size, base64.b64encode(frontier.head()).decode(), tuple(findings[:20]))
