"""The Merkle tree of RFC 6962, section 2.1: tree head, inclusion and consistency proofs, built and verified.

Hashes are 32 bytes of SHA-256; a leaf is hashed behind 0x00, an inner node behind 0x01, so that neither can pass for
the other. Proof algorithms: RFC 9162, sections 2.1.3.2 and 2.1.4.2, which verify the same trees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from secretguard.keyed import sha256

HASH_BYTES = 32
EMPTY: bytes = bytes(sha256(b"").digest())
"""The head of a tree without leaves."""

MAX_PROOF = 64
"""Hashes in a proof: a tree has at most 2^63 leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one log entry."""
    return bytes(sha256(b"\0" + entry).digest())


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return bytes(sha256(b"\1" + left + right).digest())


def tree_head(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.head()


class Frontier:
    """The growing edge of a tree: enough to add leaves and to tell the head, at most 64 hashes.

    `size` is the number of leaves; `hashes` are the heads of the complete subtrees from left to right, one for each
    bit set in `size`, largest first. Both are what a store keeps to go on later. Raises ValueError when they differ.
    """

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count() or any(len(h) != HASH_BYTES for h in hashes):
            raise ValueError(f"a tree of {size} leaves does not have {len(hashes)} complete subtrees")
        self.size = size
        self.hashes = list(hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the right."""
        size = self.size
        while size & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            size >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def head(self) -> bytes:
        """The root of the tree as it is now."""
        if not self.hashes:
            return EMPTY
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf `index` (from 0) in the tree over `leaves`. Raises IndexError."""
    return inclusion_path(len(leaves), index, lambda start, end: tree_head(leaves[start:end]))


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """The proof that the tree over the first `old_size` leaves is a prefix of the tree over all. Raises IndexError."""
    return consistency_path(len(leaves), old_size, lambda start, end: tree_head(leaves[start:end]))


def inclusion_path(size: int, index: int, head: Callable[[int, int], bytes]) -> list[bytes]:
    """As `inclusion_proof`, from whoever can tell the head over leaves `start` up to `end`. Raises IndexError."""
    if not 0 <= index < size:
        raise IndexError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(head(middle, end))
            end = middle
        else:
            path.append(head(start, middle))
            start = middle
    return path[::-1]


def consistency_path(size: int, old_size: int, head: Callable[[int, int], bytes]) -> list[bytes]:
    """As `consistency_proof`, from whoever can tell the head over leaves `start` up to `end`. Raises IndexError."""
    if not 0 <= old_size <= size:
        raise IndexError(f"a tree of {size} leaves has no prefix of {old_size}")
    if old_size in (0, size):
        return []
    path: list[bytes] = []
    start, end, whole = 0, size, True  # whole: the old tree is exactly the subtree in hand, so its head is known
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(head(middle, end))
            end = middle
        else:
            path.append(head(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(head(start, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that `leaf` (its hash) is leaf `index` of the tree with `size` leaves and head `root`."""
    if not 0 <= index < size or not _is_proof(proof):
        return False
    at, last, result = index, size - 1, leaf
    for hash_ in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            result = node_hash(hash_, result)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            result = node_hash(result, hash_)
        at, last = at >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `size` leaves with head `root` begins with the tree of `old_size`."""
    if not 0 <= old_size <= size or not _is_proof(proof):
        return False
    if old_size in (0, size):
        return not proof and old_root == (EMPTY if old_size == 0 else root)
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)  # a complete tree is a node of the new one; its hash is left out of the proof
    if not path:
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for hash_ in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(hash_, old), node_hash(hash_, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, hash_)
        at, last = at >> 1, last >> 1
    return last == 0 and old == old_root and new == root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _is_proof(proof: Sequence[bytes]) -> bool:
    return len(proof) <= MAX_PROOF and all(len(h) == HASH_BYTES for h in proof)
