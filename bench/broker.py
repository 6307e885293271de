"""What the broker adds to Vault: one credential through `broker serve` against the same mint without it.

Both sides are the same Python, the same Vault and the same source (`bench/broker_speed.py`); the broker adds HTTP over
a Unix socket, the proof of possession, the decision and the record (SQLite, fsync on every step).
"""

from __future__ import annotations

from pathlib import Path

from bench.broker_speed import running
from bench.figure import Figure
from bench.needs import Needs
from scripts import parts


def run() -> list[Figure]:
    """The figures. Raises Needs without a Vault."""
    binary = parts.find("vault")
    if binary is None:
        raise Needs("a Vault server: make parts")
    return _speed(binary)


def _speed(binary: Path) -> list[Figure]:
    with running(binary) as bench:
        one = bench.latency()
        few, many = bench.throughput(8), bench.throughput(32)
    same = "the same mint, of a raft Vault, without the broker"
    return [
        Figure(
            "added latency p50 ms 1 client",
            (one.broker - one.direct) * 1000, "ms", one.n, "<= 3", same, one.direct * 1000,
        ),
        Figure(
            "throughput ratio 8 clients", few.ratio, "ratio", few.n, ">= 0.3", same, few.direct, ours=few.broker,
        ),
        Figure(
            "throughput ratio 32 clients", many.ratio, "ratio", many.n, "", same, many.direct, ours=many.broker,
        ),
    ]  # fmt: skip
