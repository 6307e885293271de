from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.audit.merkle import (
    EMPTY,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_head,
    verify_consistency,
    verify_inclusion,
)

ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The eight entries and the roots of their prefixes in the Certificate Transparency's reference tests."""

LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word, with `hashlib`: the oracle."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


def test_heads_are_those_of_certificate_transparency() -> None:
    """The published vectors hold, the empty tree included."""
    assert [tree_head(LEAVES[:size]).hex() for size in range(9)] == list(ROOTS)
    assert EMPTY.hex() == ROOTS[0]


def test_leaf_and_node_are_told_apart() -> None:
    """A node's two hashes as one entry do not give the node's hash: no second preimage by structure."""
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)


@given(st.integers(0, 200))
def test_head_is_the_one_of_the_definition(size: int) -> None:
    """The frontier and the recursive definition agree on every size."""
    leaves = leaves_of(size)
    assert tree_head(leaves) == by_definition(leaves)


@given(st.integers(0, 150), st.integers(0, 150))
def test_frontier_goes_on_from_what_was_stored(first: int, more: int) -> None:
    """A tree kept as size and frontier grows to the same head as one kept in memory."""
    leaves = leaves_of(first + more)
    frontier = Frontier()
    for leaf in leaves[:first]:
        frontier.append(leaf)
    restored = Frontier(frontier.size, frontier.hashes)
    for leaf in leaves[first:]:
        restored.append(leaf)
    assert restored.head() == tree_head(leaves)


@pytest.mark.parametrize(("size", "hashes"), [(1, []), (3, [b"x" * 32]), (-1, []), (1, [b"short"])])
def test_frontier_that_contradicts_itself_is_refused(size: int, hashes: list[bytes]) -> None:
    """A damaged store does not start a tree."""
    with pytest.raises(ValueError, match="complete subtrees"):
        Frontier(size, hashes)


def test_all_proofs_of_small_trees_verify_and_nothing_else_does() -> None:
    """Each leaf of each tree up to 40 proves, at its own index and size alone; each prefix proves its consistency."""
    for size in range(1, 41):
        leaves = leaves_of(size)
        root = tree_head(leaves)
        for index in range(size):
            proof = inclusion_proof(leaves, index)
            assert verify_inclusion(leaves[index], index, size, proof, root)
            assert not any(verify_inclusion(leaves[index], at, size, proof, root) for at in range(size) if at != index)
            assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
        for old in range(size + 1):
            proof = consistency_proof(leaves, old)
            assert verify_consistency(old, tree_head(leaves[:old]), size, root, proof)
            if 0 < old < size:
                assert not verify_consistency(old, tree_head([*leaves_of(old)[::-1], b"x" * 32]), size, root, proof)


@settings(max_examples=150)
@given(st.data())
def test_changed_proofs_do_not_verify(data: st.DataObject) -> None:
    """A proof with a hash flipped, dropped, added or moved proves nothing."""
    size = data.draw(st.integers(2, 90))
    old = data.draw(st.integers(1, size - 1))
    leaves = leaves_of(size)
    root, old_root = tree_head(leaves), tree_head(leaves[:old])
    inclusion, consistency = inclusion_proof(leaves, old), consistency_proof(leaves, old)
    at = data.draw(st.integers(0, min(len(inclusion), len(consistency)) - 1))
    kind = data.draw(st.sampled_from(["flip", "drop", "add", "reverse"]))

    def changed(proof: list[bytes]) -> list[bytes]:
        flipped = bytes([proof[at][0] ^ 1]) + proof[at][1:]
        return {
            "flip": [*proof[:at], flipped, *proof[at + 1 :]],
            "drop": proof[:at] + proof[at + 1 :],
            "add": [*proof, proof[at]],
            "reverse": proof[::-1],
        }[kind]

    if changed(inclusion) != inclusion:
        assert not verify_inclusion(leaves[old], old, size, changed(inclusion), root)
    if changed(consistency) != consistency:
        assert not verify_consistency(old, old_root, size, root, changed(consistency))


def test_two_histories_of_one_size_are_not_consistent() -> None:
    """The same size with another head is a fork, proof or not."""
    leaves = leaves_of(8)
    other = [*leaves[:-1], leaf_hash(b"other")]
    assert not verify_consistency(8, tree_head(leaves), 8, tree_head(other), [])
    assert not verify_consistency(7, tree_head(other[1:]), 8, tree_head(other), consistency_proof(leaves, 7))


def test_numbers_out_of_range_are_no_proof() -> None:
    """Nonsense sizes and oversized proofs are answered with no, quickly."""
    leaves = leaves_of(4)
    root = tree_head(leaves)
    assert not verify_inclusion(leaves[0], 4, 4, [], root)
    assert not verify_inclusion(leaves[0], -1, 4, [], root)
    assert not verify_inclusion(leaves[0], 0, 4, [b"x" * 32] * 1000, root)
    assert not verify_consistency(5, root, 4, root, [])
    assert not verify_consistency(0, root, 4, root, [])
    assert not verify_consistency(3, root, 4, root, [b"short"])
    for call in (lambda: inclusion_proof(leaves, 4), lambda: consistency_proof(leaves, 5)):
        with pytest.raises(IndexError):
            call()
