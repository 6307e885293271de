"""How fast trees are scanned, in CPU seconds of the whole program, start-up included.

The tree is real source that every machine with this project has: the standard library and the installed packages of
the interpreter that runs the bench. The peer reads a share of it, because it would take hours for all.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from bench.figure import Figure
from bench.needs import Needs

MIB = 1024 * 1024
ROUNDS = 3
SHARE = MIB
"""Bytes of source for the peer."""


def run() -> list[Figure]:
    """`tree MiB per cpu s`, and the ratio to detect-secrets where it is installed."""
    tree = [sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")]
    best = max(_ours(tree) for _ in range(ROUNDS))
    peer = shutil.which("detect-secrets", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if peer is None:
        return [Figure("tree MiB per cpu s", best, "MiB/s", ROUNDS, ">= 100")]
    with tempfile.TemporaryDirectory() as folder:
        size = _share(Path(tree[0]), Path(folder))
        theirs = size / MIB / _cpu([peer, "scan", "--all-files", "--no-verify", "."], Path(folder))[0]
    return [
        Figure("tree MiB per cpu s", best, "MiB/s", ROUNDS, ">= 100", "detect-secrets", theirs),
        Figure("tree ratio detect-secrets", best / theirs, "x", ROUNDS, ">= 200"),
    ]


def _ours(tree: list[str]) -> float:
    """MiB of text scanned in one CPU second, summed over the workers."""
    command = [sys.executable, "-m", "secretguard", "scan", "--no-gitignore", "--format", "json", *tree]
    seconds, output = _cpu(command, Path(__file__).resolve().parents[1])
    return float(json.loads(output)["scanned"]["bytes"]) / MIB / seconds


def _cpu(command: list[str], folder: Path) -> tuple[float, bytes]:
    """User and system seconds of a command and all its children, and what it printed. Raises Needs when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=900, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise Needs(f"{command[0]} to work; it ended with {done.returncode}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def _share(source: Path, target: Path) -> int:
    """Copy source files in name order until there are SHARE bytes of them; returns how many bytes there are."""
    total = 0
    for path in sorted(source.glob("*.py")):
        if total >= SHARE:
            break
        shutil.copy(path, target)
        total += path.stat().st_size
    return total
