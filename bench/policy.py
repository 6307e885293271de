"""The written policy: one decision from the compiled table, loading that table in a hook, compiling the default set."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.figure import Figure
from secretguard.policy.compiled import compile_set, load, packaged
from secretguard.policy.examples import expand
from secretguard.policy.layers import in_force
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
            layered = _layered(Path(home))
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
        Figure("layered load ms", statistics.median(layered) * 1e3, "ms", len(layered)),
        Figure("compile s", statistics.median(compiling), "s", len(compiling), "<= 1.5"),
    ]


def _layered(home: Path) -> list[float]:
    """Seconds of each load where the user's own policy is tightened by one of the repository's protected branch."""
    project = home / "project"
    shutil.copytree(packaged("team"), home / "config" / "policy")
    shutil.copytree(packaged("regulated"), project / ".secretguard" / "policy")
    for words in (
        ("init", "-q"),
        ("add", "-A"),
        ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-qm", "policy"),
        ("update-ref", "refs/remotes/origin/main", "HEAD"),
    ):
        subprocess.run(["git", "-C", str(project), *words], check=True, timeout=60)
    standing = in_force(str(project)).standing
    if len(standing.layers) < 2 or standing.faults:
        raise AssertionError("not all layers count; the figure would mean nothing")
    return [_seconds(lambda: in_force(str(project))) for _ in range(ROUNDS)]


def _decide_all(policy: Policy, words: list[tuple[str, str, str, str]]) -> None:
    """Every request of the vocabulary once, each built from its four words as the guard does."""
    for action, effect, environment, data in words:
        policy.decide(Request(action, effect, environment, data))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
