"""The tree that is kept in subtrees: the same heads and proofs as from all leaves, at every size."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.errors import RecordFailed
from broker.log.tree import Tree, edge, grow, size_of
from broker.service import Broker
from broker.store.tables import leaves, subtrees
from secretguard.audit.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    tree_head,
    verify_consistency,
    verify_inclusion,
)
from tests.broker.log.logs import broker_of

COUNT = 1100


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Broker:
    """A log with a ragged edge behind four complete subtrees."""
    return broker_of(tmp_path_factory.mktemp("tree"), COUNT)


@pytest.fixture(scope="module")
def hashes(broker: Broker) -> list[bytes]:
    """Its leaf hashes."""
    with broker.database.read() as tx:
        return [bytes.fromhex(one) for one in tx.execute(sa.select(leaves.c.hash).order_by(leaves.c.leaf)).scalars()]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_proofs_from_the_store_are_those_from_all_leaves(
    broker: Broker, hashes: list[bytes], data: st.DataObject
) -> None:
    """Inclusion and consistency, for any size, leaf and older size; both verify."""
    size = data.draw(st.integers(1, COUNT))
    leaf, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    with broker.database.read() as tx:
        tree = Tree(tx, size)
        root, path, step = tree.root(), tree.inclusion(leaf), tree.consistency(old)
    mine = hashes[:size]
    assert (root, path, step) == (tree_head(mine), inclusion_proof(mine, leaf), consistency_proof(mine, old))
    assert verify_inclusion(hashes[leaf], leaf, size, path, root)
    assert verify_consistency(old, tree_head(hashes[:old]), size, root, step)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 1024, COUNT])
def test_the_edge_is_told_from_the_store(broker: Broker, hashes: list[bytes], size: int) -> None:
    """What the next leaf is added to, at and around each complete subtree."""
    with broker.database.read() as tx:
        told = edge(tx, size)
    grown = Frontier()
    for one in hashes[:size]:
        grown.append(one)
    assert (told.size, told.hashes) == (grown.size, grown.hashes)


def test_only_every_eighth_level_is_kept() -> None:
    """One head of 65,536 leaves and 256 of 256, each with the number that finds it."""
    frontier, kept = Frontier(), []
    for number in range(65_536):
        kept += grow(frontier, number.to_bytes(32))
    assert [(one.level, one.number) for one in kept if one.level == 16] == [(16, 0)]
    assert [one.number for one in kept if one.level == 8] == list(range(256))
    assert kept[-1].hash == frontier.head() == tree_head([one.hash for one in kept[:-1]])


def test_missing_hashes_are_told_and_prove_nothing(tmp_path: Path) -> None:
    """A subtree that somebody took out of the store."""
    broker = broker_of(tmp_path, 300)
    with broker.database.engine.begin() as tx:
        tx.exec_driver_sql("DROP TRIGGER subtrees_kept")
        tx.execute(subtrees.delete())
    with pytest.raises(RecordFailed), broker.database.read() as tx:
        Tree(tx, size_of(tx)).root()


def test_what_is_not_in_the_tree_has_no_proof(broker: Broker) -> None:
    """A leaf behind the end, a size that is larger."""
    with broker.database.read() as tx:
        for wrong in (-1, COUNT, COUNT + 5):
            with pytest.raises(IndexError):
                Tree(tx, COUNT).inclusion(wrong)
        with pytest.raises(IndexError):
            Tree(tx, 5).consistency(6)
