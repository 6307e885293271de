"""The written policy: one decision from the compiled table, loading that table in a hook, compiling the default set."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable

from bench.figure import Figure
from secretguard.policy.compiled import compile_set, load, packaged
from secretguard.policy.examples import expand
from secretguard.policy.request import Request
from secretguard.policy.table import Policy

PATH = "/home/dev/project/src/app/main.py"
ROUNDS = 50


def run() -> list[Figure]:
    """Labels and cell of one request, load from the cache, compilation with its examples; medians."""
    before = os.environ.get("SECRETGUARD_HOME")
    with tempfile.TemporaryDirectory() as home:
        os.environ["SECRETGUARD_HOME"] = home
        try:
            directory = packaged("laptop")
            compiling = [_seconds(lambda: compile_set(directory)) for _ in range(5)]
            loading = [_seconds(lambda: load(directory)) for _ in range(ROUNDS)]
            policy = load(directory)
        finally:
            if before is None:
                del os.environ["SECRETGUARD_HOME"]
            else:
                os.environ["SECRETGUARD_HOME"] = before
    words = [(r.action, r.effect, r.environment, r.data) for r in expand("*/*/*/*")]
    deciding = [_seconds(lambda: _decide_all(policy, words)) / len(words) for _ in range(ROUNDS)]
    labelling = [_seconds(lambda: policy.data_class(PATH)) for _ in range(ROUNDS)]
    return [
        Figure("decision us", statistics.median(deciding) * 1e6, "us", ROUNDS * len(words), "<= 20"),
        Figure("label of a path us", statistics.median(labelling) * 1e6, "us", ROUNDS),
        Figure("table load ms", statistics.median(loading) * 1e3, "ms", ROUNDS),
        Figure("compile s", statistics.median(compiling), "s", len(compiling), "<= 1.5"),
    ]


def _decide_all(policy: Policy, words: list[tuple[str, str, str, str]]) -> None:
    """Every request of the vocabulary once, each built from its four words as the guard does."""
    for action, effect, environment, data in words:
        policy.decide(Request(action, effect, environment, data))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
