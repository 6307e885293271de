"""What the sandbox costs at the start of a command: the bubblewrap tier over a bare process, and its self-test.

Both sides start `/bin/true` from the same Python with the same output pipes, in turn: a busy machine is busy for
both. Needs bubblewrap.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable

from bench.figure import Figure
from bench.needs import Needs
from broker.sandbox import bwrap, selftest
from broker.sandbox.plan import Plan, make_plan
from broker.sandbox.running import streams

ROUNDS = 200
SELF_TESTS = 20


def run() -> list[Figure]:
    """The figures. Raises Needs without bubblewrap."""
    tier = bwrap.find()
    if tier is None:
        raise Needs("bubblewrap")
    root = tempfile.mkdtemp(prefix="bench-")
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            plan = _plan(root, listener)
            inside, bare = _in_turn(lambda: _sandboxed(tier, plan), _bare)
    finally:
        shutil.rmtree(root)
    tested, _ = _in_turn(lambda: selftest.failures(tier), lambda: None, SELF_TESTS)
    over = statistics.median(inside) - statistics.median(bare)
    return [
        Figure("start over bare process p50 ms", over, "ms", ROUNDS, "<= 15", "bare process", statistics.median(bare)),
        Figure("self-test p50 ms", statistics.median(tested), "ms", SELF_TESTS, "<= 100"),
    ]


def _plan(root: str, listener: socket.socket) -> Plan:
    os.mkdir(f"{root}/workspace")
    listener.bind(f"{root}/task.sock")
    return make_plan(("/bin/true",), f"{root}/workspace", "bench", f"{root}/task.sock")


def _sandboxed(tier: bwrap.Bubblewrap, plan: Plan) -> None:
    process = tier.start(plan, capture=True).process
    output, _ = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the sandbox did not work: {output.decode(errors='replace')}")


def _bare() -> None:
    subprocess.Popen(["/bin/true"], env={}, cwd="/", **streams(True)).communicate()


def _in_turn(
    one: Callable[[], object], other: Callable[[], object], rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """Milliseconds of each call of both, alternating, after a few that do not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(-5, rounds):
        for samples, call in zip(times, (one, other), strict=True):
            before = time.perf_counter()
            call()
            if number >= 0:
                samples.append((time.perf_counter() - before) * 1000)
    return times
