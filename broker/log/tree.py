"""The tree over the numbered records: grown a batch at a time, and read for proofs without reading all leaves.

Beside the leaf hashes the store keeps the heads of complete subtrees of 256 leaves, of 65,536 and so on (the heads that
C2SP's tlog-tiles would publish). Any head is then made of at most 255 hashes a level.
"""

from __future__ import annotations

import dataclasses

import sqlalchemy as sa

from broker.errors import RecordFailed
from broker.store.tables import leaves, subtrees
from secretguard.audit.merkle import (
    EMPTY,
    Frontier,
    consistency_path,
    inclusion_path,
    node_hash,
    tree_head,
)

TILE = 8
"""Levels between two that are kept."""


@dataclasses.dataclass(frozen=True, slots=True)
class Subtree:
    """The head of leaves `number << level` up to `(number + 1) << level`."""

    level: int
    number: int
    hash: bytes


def grow(frontier: Frontier, leaf: bytes) -> list[Subtree]:
    """Add one leaf hash to `frontier`; the kept subtrees that it completes."""
    complete: list[Subtree] = []
    at, size, level, node = frontier.size, frontier.size, 0, leaf
    while size & 1:
        node, size, level = node_hash(frontier.hashes.pop(), node), size >> 1, level + 1
        if level % TILE == 0:
            complete.append(Subtree(level, at >> level, node))
    frontier.hashes.append(node)
    frontier.size += 1
    return complete


def size_of(tx: sa.Connection) -> int:
    """How many records have a number."""
    newest = tx.execute(sa.select(sa.func.max(leaves.c.leaf))).scalar()
    return 0 if newest is None else int(newest) + 1


def edge(tx: sa.Connection, size: int) -> Frontier:
    """The frontier of the first `size` leaves: what the next one is added to. Raises RecordFailed."""
    tree, start, hashes = Tree(tx, size), 0, []
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            hashes.append(tree.head(start, start + (1 << level)))
            start += 1 << level
    return Frontier(size, hashes)


class Tree:
    """The first `size` leaves, read through one connection; all methods raise RecordFailed where hashes are missing."""

    def __init__(self, tx: sa.Connection, size: int) -> None:
        self.tx, self.size = tx, size

    def root(self) -> bytes:
        """The head over all of it."""
        return self.head(0, self.size) if self.size else EMPTY

    def inclusion(self, leaf: int) -> list[bytes]:
        """The audit path of a leaf. Raises IndexError."""
        return inclusion_path(self.size, leaf, self.head)

    def consistency(self, old_size: int) -> list[bytes]:
        """The proof that the first `old_size` leaves are a prefix. Raises IndexError."""
        return consistency_path(self.size, old_size, self.head)

    def head(self, start: int, end: int) -> bytes:
        """RFC 6962's head over leaves `start` up to `end`: a subtree of the tree, or the ragged rest at its right."""
        count = end - start
        if count & (count - 1) == 0:
            return self._complete(start, count.bit_length() - 1)
        middle = start + (1 << (count - 1).bit_length() - 1)
        return node_hash(self.head(start, middle), self.head(middle, end))

    def _complete(self, start: int, level: int) -> bytes:
        kept = level - level % TILE
        first, count = start >> kept, 1 << level - kept
        if kept == 0:
            number, rows = leaves.c.leaf, sa.select(leaves.c.hash)
        else:
            number, rows = subtrees.c.number, sa.select(subtrees.c.hash).where(subtrees.c.level == kept)
        here = rows.where(number >= first, number < first + count).order_by(number)
        found = [bytes.fromhex(one) for one in self.tx.execute(here).scalars()]
        if len(found) != count:
            raise RecordFailed("hashes of the log are missing from the store", "run `broker log verify`")
        return tree_head(found)
