"""Verify the broker's record: every entry against the tree, every checkpoint against tree and key, and a pin.

    1 entries      each payload hashes to the leaf hash that was stored when it was numbered          edited
    2 numbering    leaf numbers run from 0 without a gap                                              dropped
    3 checkpoints  each stored checkpoint is signed by the key and states the root of its prefix      edited, cut off
    4 pin          a checkpoint kept elsewhere is a prefix of this tree                               replaced, cut off
    5 coverage     no entry is younger than the newest checkpoint or pin                              unsigned

Words and exit codes are those of `secretguard audit verify`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.store.database import Database
from broker.store.tables import checkpoints, events
from secretguard.audit import checkpoint
from secretguard.audit.checkpoint import CheckpointError
from secretguard.audit.merkle import Frontier, leaf_hash

INTACT, TAMPERED, INCOMPLETE, CANNOT_TELL = 0, 1, 2, 3
WORDS = {INTACT: "intact", TAMPERED: "tampered", INCOMPLETE: "incomplete", CANNOT_TELL: "cannot tell"}


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is one of the four above; `size` entries were in the tree, `waiting` have no number yet; `findings` say
    what is wrong, in words; `anchor` says what the result rests on."""

    code: int
    size: int
    waiting: int
    findings: tuple[str, ...]
    anchor: str

    @property
    def word(self) -> str:
        return WORDS[self.code]


def verify(database: Database, key: Ed25519PublicKey | None, pin: str | None) -> Verdict:
    """Check the whole record. Without `key` and `pin` the best answer is *cannot tell*: self-consistent, unanchored.

    `pin` is the text of a checkpoint that was kept elsewhere; it needs `key`. Raises RecordFailed.
    """
    with database.read() as tx:
        notes = [(row.size, row.note) for row in tx.execute(sa.select(checkpoints).order_by(checkpoints.c.size))]
        waiting = tx.execute(sa.select(sa.func.count()).where(events.c.leaf.is_(None))).scalar_one()
        query = sa.select(events.c.leaf, events.c.leaf_hash, events.c.payload).where(events.c.leaf.is_not(None))
        rows = tx.execute(query.order_by(events.c.leaf).execution_options(yield_per=1000))
        pinned, wrong = _read(pin, key, "the pin")
        states, faults = _checkpoints(notes, key)
        wanted = {size for size, _ in states} | ({pinned[0]} if pinned else set())
        roots, size, edited, dropped = _walk(((r.leaf, r.leaf_hash, r.payload) for r in rows), wanted)
    tampered = edited + dropped + faults + wrong
    missing: list[str] = []
    for state, what in [*((one, "checkpoint") for one in states), *([(pinned, "the pin")] if pinned else [])]:
        if state[0] > size:
            missing.append(f"cut off: {what} states {state[0]} entries, {size} are here")
        elif not edited and not dropped and roots.get(state[0]) != state[1]:
            tampered.append(f"replaced: the first {state[0]} entries are not those that {what} states")
    covered = max((state[0] for state in [*states, *([pinned] if pinned else [])]), default=0)
    if key is not None and size > covered and not wrong:  # numbering and its checkpoint are one transaction
        tampered.append(f"unsigned: no checkpoint states entries {covered} to {size - 1}")
    anchor = "the pin" if pinned else f"{len(states)} signed checkpoints" if key and states else ""
    return _verdict(tampered, missing, anchor, size, waiting)


def _verdict(tampered: list[str], missing: list[str], anchor: str, size: int, waiting: int) -> Verdict:
    if tampered:
        return Verdict(TAMPERED, size, waiting, tuple(tampered + missing), anchor)
    if missing:
        return Verdict(INCOMPLETE, size, waiting, tuple(missing), anchor)
    if not anchor:
        told = ("self-consistent, unanchored: give the log's key or a pin",)
        return Verdict(CANNOT_TELL, size, waiting, told, "nothing outside of the store")
    return Verdict(INTACT, size, waiting, (), anchor)


def _read(text: str | None, key: Ed25519PublicKey | None, what: str) -> tuple[tuple[int, bytes] | None, list[str]]:
    """(size, root) of a checkpoint, or why it does not count."""
    if text is None or key is None:
        return None, []
    try:
        _, size, root = checkpoint.verify(text, key)
    except CheckpointError as error:
        return None, [f"{what} is not signed by this key: {error.message}"]
    return (size, root), []


def _checkpoints(
    notes: list[tuple[int, str]], key: Ed25519PublicKey | None
) -> tuple[list[tuple[int, bytes]], list[str]]:
    """What the stored checkpoints state; without a key nothing is believed of them."""
    states, faults = [], []
    for size, note in notes:
        state, wrong = _read(note, key, f"the checkpoint of {size} entries")
        faults += wrong
        if state is not None:
            states.append(state)
            if state[0] != size:
                faults.append(f"edited: the checkpoint filed under {size} entries states {state[0]}")
    return states, faults


def _walk(rows: Iterator[tuple[int, str, str]], wanted: set[int]) -> tuple[dict[int, bytes], int, list[str], list[str]]:
    """Roots at the wanted sizes, the number of entries, and which of them were edited or are gone."""
    frontier, edited, dropped, expected = Frontier(), [], [], 0
    roots = {0: frontier.head()}
    for leaf, stored, payload in rows:
        if leaf != expected:
            gone = f"entry {expected}" if leaf == expected + 1 else f"entries {expected} to {leaf - 1}"
            dropped.append(f"dropped: {gone}")
        expected = leaf + 1
        digest = leaf_hash(payload.encode())
        if digest.hex() != stored:
            edited.append(f"edited: entry {leaf}")
        frontier.append(digest)
        if frontier.size in wanted:
            roots[frontier.size] = frontier.head()
    return roots, expected, edited[:100], dropped[:100]
