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
from scripts import parts

MIB = 1024 * 1024
ROUNDS = 3
SHARES = {"detect-secrets": 1 * MIB, "gitleaks": 16 * MIB}
"""Peer → bytes of source for it: reading all would take hours. Ours reads everything, in the same run."""


def run() -> list[Figure]:
    """`tree MiB per cpu s` on everything, and beside it each peer that is on this machine, with the ratio."""
    tree = [sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")]
    ours = max(_ours(tree) for _ in range(ROUNDS))
    figures = [Figure("tree MiB per cpu s", ours, "MiB/s", ROUNDS, ">= 100")]
    theirs = {name: _theirs(name, program, tree) for name in SHARES if (program := _peer(name))}
    if "detect-secrets" in theirs:
        peer = theirs["detect-secrets"]
        figures.append(Figure("tree ratio detect-secrets", ours / peer, "x", 1, ">= 200"))
        figures.append(Figure("detect-secrets MiB per cpu s", peer, "MiB/s", 1))
    if "gitleaks" in theirs:
        peer = theirs["gitleaks"]
        figures.append(Figure("tree ratio gitleaks", ours / peer, "x", 1, ">= 15"))
        figures.append(Figure("gitleaks MiB per cpu s", peer, "MiB/s", 1))
    return figures


def _peer(name: str) -> str | None:
    if name == "detect-secrets":
        near = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return shutil.which("detect-secrets", path=near)
    found = parts.find(name)
    return str(found) if found else None


def _theirs(name: str, program: str, tree: list[str]) -> float:
    """MiB of a share of the tree that the peer scans in one CPU second."""
    arguments = {
        "detect-secrets": ["scan", "--all-files", "--no-verify", "."],
        "gitleaks": ["dir", "--no-banner", "--exit-code", "0", "--log-level", "error", "."],
    }[name]
    with tempfile.TemporaryDirectory() as folder:
        size = _share([Path(place) for place in tree], Path(folder), SHARES[name])
        return size / MIB / _cpu([program, *arguments], Path(folder))[0]


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


def _share(sources: list[Path], target: Path, limit: int) -> int:
    """Copy source files in name order until there are `limit` bytes of them; returns how many bytes there are."""
    total = 0
    for number, path in enumerate(path for source in sources for path in sorted(source.rglob("*.py"))):
        if total >= limit:
            break
        shutil.copy(path, target / f"{number}.py")
        total += path.stat().st_size
    return total
