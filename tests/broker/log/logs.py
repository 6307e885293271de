"""A record to try things on: a broker in memory with numbered records."""

from __future__ import annotations

from pathlib import Path

from broker.log.tree import Tree, size_of
from broker.service import Broker
from broker.store.log import append, sequence
from broker.testing import ManualClock, memory_broker

START = 1_800_000_000.0


def broker_of(folder: Path, count: int = 0) -> Broker:
    """A broker with a manual clock and `count` numbered records."""
    broker = memory_broker(str(folder / "s"), {}, {}, clock=ManualClock(START))
    grow(broker, count)
    return broker


def grow(broker: Broker, count: int, task_id: str = "", **fields: object) -> None:
    """Record `count` events in one transaction each hundred, and number them."""
    for start in range(0, count, 100):
        with broker.database.write() as tx:
            for number in range(start, min(start + 100, count)):
                append(tx, "broker:server:started", task_id, broker.clock(), {"n": number, **fields})
    while sequence(broker.database, broker.signer, broker.clock):
        pass


def root(broker: Broker, size: int | None = None) -> bytes:
    """The root over the first `size` records, all by default."""
    with broker.database.read() as tx:
        return Tree(tx, size_of(tx) if size is None else size).root()
