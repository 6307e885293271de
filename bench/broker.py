"""What the broker adds to Vault: one credential through `broker serve` against the same mint without it.

Both sides are the same Python, the same Vault and the same source (`bench/broker_speed.py`); the broker adds HTTP over
a Unix socket, the proof of possession, the decision and the record (SQLite, fsync on every step).
"""

from __future__ import annotations

from pathlib import Path

from bench import broker_faults, broker_kills
from bench.broker_speed import running
from bench.figure import Figure
from bench.needs import Needs
from scripts import parts


def run() -> list[Figure]:
    """The figures. Raises Needs without a Vault."""
    binary = parts.find("vault")
    if binary is None:
        raise Needs("a Vault server: make parts")
    postgres = parts.find("postgres")
    if postgres is None:
        raise Needs("a PostgreSQL server: make parts")
    return [*_speed(binary), *_deaths(binary, postgres), *_faults(binary)]


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


def _deaths(vault: Path, postgres: Path) -> list[Figure]:
    """How long it takes until credentials are dead (`bench/broker_kills.py`)."""
    found = broker_kills.measure(vault, postgres)
    tokens, users = found.kill_all, found.kill_all_databases
    alone = "the parents revoked at Vault, s"
    prefix = "Vault's own revoke-prefix, s"
    return [
        Figure("kill task p99 s", found.kill_task.seconds, "s", found.kill_task.n, "<= 1"),
        Figure("kill all ratio", tokens.ratio, "ratio", tokens.n, "<= 1.25", alone, tokens.theirs, ours=tokens.ours),
        Figure("kill all database ratio", users.ratio, "ratio", users.n, "", prefix, users.theirs, ours=users.ours),
        Figure("recovery of 1000 token leases s", found.recovery.seconds, "s", found.recovery.n, "<= 5"),
        Figure("exposure to dead p99 s", found.exposure.seconds, "s", found.exposure.n, "<= 2"),
    ]


def _faults(vault: Path) -> list[Figure]:
    """What is lost where broker, network and Vault's leader fail (`bench/broker_faults.py`)."""
    found = broker_faults.measure(vault)
    return [
        Figure("credentials without a record", found.unrecorded, "count", found.n, "== 0"),
        Figure("orphans after recovery", found.orphans, "count", found.n, "== 0"),
    ]
