"""Verify the broker's record: every entry against the tree, every checkpoint against tree and key, and a pin.

    1 entries      each payload hashes to the leaf hash that was stored when it was numbered          edited
    2 numbering    leaf numbers run from 0 without a gap                                              dropped
    3 checkpoints  each stored checkpoint is signed by the key and states the root of its prefix      edited, cut off
    4 pin          a checkpoint kept elsewhere is a prefix of this tree                               replaced, cut off
    5 coverage     no entry is younger than the newest checkpoint or pin                              unsigned
    6 queue        every record that has no number yet waits for one                                 left out
    7 subtrees     the heads that proofs are made of are those of the entries                        edited

A record below the minimum of retention, or with its personal texts erased, counts by the leaf hash that was kept of it,
which the checkpoints state; it is told, and it is *tampered* unless an entry of the log says who did it
(`broker/log/keep.py`).

Words and exit codes are those of `secretguard audit verify`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.log.cosignature import Witness, witnessed
from broker.log.tree import grow
from broker.store.database import Database
from broker.store.tables import checkpoints, cosignatures, erasures, events, leaves, subtrees, unnumbered
from secretguard.audit import checkpoint
from secretguard.audit.checkpoint import CheckpointError
from secretguard.audit.merkle import Frontier, leaf_hash

INTACT, TAMPERED, INCOMPLETE, CANNOT_TELL = 0, 1, 2, 3
WORDS = {INTACT: "intact", TAMPERED: "tampered", INCOMPLETE: "incomplete", CANNOT_TELL: "cannot tell"}
SHOWN = 100
PRUNED, ERASED, STARTED = "broker:log:pruned", "broker:log:erased", "broker:server:started"


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is one of the four above; `size` entries were in the tree, `waiting` have no number yet; `findings` say
    what is wrong, in words; `anchor` says what the result rests on; `notes` what is in order and worth knowing."""

    code: int
    size: int
    waiting: int
    findings: tuple[str, ...]
    anchor: str
    notes: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        return WORDS[self.code]


@dataclasses.dataclass(slots=True)
class Walk:
    """What one pass over the entries found: roots at the wanted sizes, and entries by what is the matter with them."""

    roots: dict[int, bytes]
    size: int = 0
    edited: list[int] = dataclasses.field(default_factory=list)
    gaps: list[str] = dataclasses.field(default_factory=list)
    gone: list[int] = dataclasses.field(default_factory=list)
    erased: list[int] = dataclasses.field(default_factory=list)
    minimum: int = 0
    told_erased: set[int] = dataclasses.field(default_factory=set)
    subtrees: dict[tuple[int, int], str] = dataclasses.field(default_factory=dict)
    signers: list[tuple[int, str]] = dataclasses.field(default_factory=list)

    def may_lag(self, covered: int) -> bool:
        """Whether entries may wait for a checkpoint, as with a key that Vault keeps: so the signed part of the log says
        itself. A key of the broker's own signs in the transaction that numbers."""
        told = [signer for leaf, signer in self.signers if leaf < covered or not covered]
        return bool(told) and told[-1] == "transit"

    def faults(self) -> list[str]:
        """What nobody may have done."""
        dropped = [leaf for leaf in self.gone if leaf >= self.minimum]
        hidden = [leaf for leaf in self.erased if leaf not in self.told_erased]
        return [
            *(f"edited: entry {leaf}" for leaf in self.edited[:SHOWN]),
            *self.gaps[:SHOWN],
            *(f"dropped: entry {leaf}" for leaf in dropped[:SHOWN]),
            *(f"edited: entry {leaf} was erased, and no entry says so" for leaf in hidden[:SHOWN]),
        ]

    def notes(self) -> list[str]:
        """What was done and is on record."""
        told = []
        if any(leaf < self.minimum for leaf in self.gone):
            told.append(f"pruned: entries below {self.minimum} are known by their hashes alone")
        if self.erased:
            told.append(f"erased: {len(self.erased)} entries have lost their personal texts")
        return told


def verify(
    database: Database,
    key: Ed25519PublicKey | None,
    pin: str | None,
    witnesses: Iterable[Witness] = (),
) -> Verdict:
    """Check the whole record. Without `key` and `pin` the best answer is *cannot tell*: self-consistent, unanchored.

    `pin` is the text of a checkpoint that was kept elsewhere; it needs `key`. Each of `witnesses` must have
    cosigned the newest checkpoint. Raises RecordFailed.
    """
    with database.read() as tx:
        notes = [(row.size, row.note) for row in tx.execute(sa.select(checkpoints).order_by(checkpoints.c.size))]
        waiting, left_out = _queue(tx)
        pinned, wrong = _read(pin, key, "the pin")
        states, faults = _checkpoints(notes, key)
        wanted = {size for size, _ in states} | ({pinned[0]} if pinned else set())
        walk = _walk(_entries(tx), wanted)
        kept = {(row.level, row.number): row.hash for row in tx.execute(sa.select(subtrees))}
        lines = [tuple(row) for row in tx.execute(sa.select(cosignatures.c.size, cosignatures.c.line))]
    told = walk.faults()
    tampered = told + faults + wrong + left_out
    if kept != walk.subtrees and not told:
        tampered.append("edited: the stored heads of subtrees are not those of the entries")
    missing: list[str] = []
    for state, what in [*((one, "checkpoint") for one in states), *([(pinned, "the pin")] if pinned else [])]:
        if state[0] > walk.size:
            missing.append(f"cut off: {what} states {state[0]} entries, {walk.size} are here")
        elif not told and walk.roots.get(state[0]) != state[1]:
            tampered.append(f"replaced: the first {state[0]} entries are not those that {what} states")
    covered = max((state[0] for state in [*states, *([pinned] if pinned else [])]), default=0)
    if key is not None and walk.size > covered and not wrong:
        unsigned = f"unsigned: no checkpoint states entries {covered} to {walk.size - 1}"
        (missing if walk.may_lag(covered) else tampered).append(unsigned)
    seen = witnessed(notes, lines, witnesses)
    missing += seen.missing
    tampered += seen.faults
    signed = f"{len(states)} signed checkpoint{'' if len(states) == 1 else 's'}"
    anchor = "the pin" if pinned else signed if key and states else ""
    anchor = " and ".join(filter(None, (anchor, *seen.anchors)))
    return _verdict(tampered, missing, anchor, walk, waiting)


def _verdict(tampered: list[str], missing: list[str], anchor: str, walk: Walk, waiting: int) -> Verdict:
    notes, size = tuple(walk.notes()), walk.size
    if tampered:
        return Verdict(TAMPERED, size, waiting, tuple(tampered + missing), anchor, notes)
    if missing:
        return Verdict(INCOMPLETE, size, waiting, tuple(missing), anchor, notes)
    if not anchor:
        told = ("self-consistent, unanchored: give the log's key or a pin",)
        return Verdict(CANNOT_TELL, size, waiting, told, "nothing outside of the store", notes)
    return Verdict(INTACT, size, waiting, (), anchor, notes)


def _queue(tx: sa.Connection) -> tuple[int, list[str]]:
    """How many records wait for a number, and those that neither have one nor wait."""
    waiting = tx.execute(sa.select(sa.func.count()).select_from(unnumbered)).scalar_one()
    numbered = sa.exists().where(leaves.c.seq == events.c.seq)
    queued = sa.exists().where(unnumbered.c.seq == events.c.seq)
    query = sa.select(events.c.seq).where(~numbered, ~queued).order_by(events.c.seq).limit(SHOWN)
    found = tx.execute(query).scalars().all()
    return waiting, [f"left out: record {seq} has no number and does not wait for one" for seq in found]


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


def _entries(tx: sa.Connection) -> Iterator[tuple[int, str, str | None, int | None]]:
    stood_in = sa.select(erasures.c.seq).distinct().subquery()
    joined = leaves.outerjoin(events, events.c.seq == leaves.c.seq)
    joined = joined.outerjoin(stood_in, stood_in.c.seq == leaves.c.seq)
    query = sa.select(leaves.c.leaf, leaves.c.hash, events.c.payload, stood_in.c.seq).select_from(joined)
    rows = tx.execute(query.order_by(leaves.c.leaf).execution_options(yield_per=1000))
    return ((row[0], row[1], row[2], row[3]) for row in rows)


def _walk(entries: Iterable[tuple[int, str, str | None, int | None]], wanted: set[int]) -> Walk:
    """One pass: every entry against its hash, every hash into the tree."""
    frontier = Frontier()
    walk = Walk({0: frontier.head()})
    for leaf, stored, payload, erased in entries:
        if leaf != walk.size:
            gone = f"entry {walk.size}" if leaf == walk.size + 1 else f"entries {walk.size} to {leaf - 1}"
            walk.gaps.append(f"dropped: {gone}")
        walk.size = leaf + 1
        digest = _hash(stored) if payload is None or erased is not None else leaf_hash(payload.encode())
        if payload is None:
            walk.gone.append(leaf)
        elif erased is not None:
            walk.erased.append(leaf)
        elif digest.hex() != stored:
            walk.edited.append(leaf)
        elif PRUNED in payload or ERASED in payload or STARTED in payload:
            _heed(walk, leaf, payload)
        for one in grow(frontier, digest):
            walk.subtrees[one.level, one.number] = one.hash.hex()
        if frontier.size in wanted:
            walk.roots[frontier.size] = frontier.head()
    return walk


def _heed(walk: Walk, leaf: int, payload: str) -> None:
    """What the log itself says of how it is kept: retention, erasure, and who signs."""
    told = json.loads(payload)
    if told.get("event") == PRUNED:
        walk.minimum = max(walk.minimum, int(told["minimum"]))
        walk.signers.append((leaf, str(told.get("signer", ""))))
    elif told.get("event") == ERASED:
        walk.told_erased.update(told["entries"])
    elif told.get("event") == STARTED:
        walk.signers.append((leaf, str(told.get("signer", ""))))


def _hash(stored: str) -> bytes:
    try:
        value = bytes.fromhex(stored)
    except ValueError:
        value = b""
    return value if len(value) == 32 else leaf_hash(stored.encode())
