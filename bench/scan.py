"""How fast trees, histories and single files are scanned, beside the peers on the same target: wall time of processes.

The rule set of the day, default settings, start-up included, page cache warm, our bytecode compiled as an installer
leaves it. Every ratio is the peer's time over ours.
"""

from __future__ import annotations

import compileall
import json
import os
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

import secretguard
from bench import guard
from bench.figure import Figure
from bench.history import repository
from bench.needs import Needs
from bench.peers import Run, Versus, command, in_turn, version
from bench.peers import run as started
from bench.tree import share, tree
from secretguard.guard import main as entry

MIB = 1024 * 1024
ROUNDS, FILE_ROUNDS, SLOW_ROUNDS = 5, 21, 2
SLOW_SHARE = 64_000_000
"""Bytes of the tree for peers that would take minutes for all of it; ours scans the same share."""

DETECT_SECRETS_SHARE = 1_000_000
"""detect-secrets would take a quarter of an hour for the tree; the ratio is by bytes, ours on everything."""


def run() -> list[Figure]:
    """Every figure whose peer is on this machine; what is missing is said on standard error."""
    compileall.compile_dir(Path(secretguard.__file__).parent, quiet=2)
    figures = []
    for part in (_tree_figures, _slow_figures, _history_figures, _file_figures):
        try:
            figures += part()
        except Needs as need:
            print(f"bench scan: not measured, needs {need}", file=sys.stderr)
    return figures


def _tree_figures() -> list[Figure]:
    folder, size = tree()
    what = f"{size / 1e6:.0f} MB of source"
    runs = [_ours(str(folder)) for _ in range(ROUNDS)]
    rate = max(size / MIB / one.cpu for one in runs)
    peak = max(one.peak for one in runs)
    figures = [
        Figure("tree MiB per CPU-second", rate, "MiB/s", ROUNDS, ">= 100"),
        Figure("peak MiB per process", peak, "MiB", ROUNDS, "<= 80"),
    ]
    if pair := _versus("kingfisher", "tree", folder):
        said = f"{version('kingfisher')}: s for {what}"
        figures += [Figure("tree vs kingfisher", pair.ratio, "x", ROUNDS, ">= 2", said, *_both(pair))]
    if pair := _versus("betterleaks", "tree", folder):
        said = f"{version('betterleaks')}: s for {what}"
        figures += [Figure("tree vs betterleaks", pair.ratio, "x", ROUNDS, ">= 2.5", said, *_both(pair))]
    return figures


def _slow_figures() -> list[Figure]:
    whole, size = tree()
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, "part")
        what = f"s for {share(whole, part, SLOW_SHARE) / 1e6:.0f} MB of source"
        if pair := _versus("ripsecrets", "tree", part, SLOW_ROUNDS):
            said = f"{version('ripsecrets')}: {what}"
            figures += [Figure("tree vs ripsecrets", pair.ratio, "x", SLOW_ROUNDS, ">= 6", said, *_both(pair))]
        if pair := _versus("gitleaks", "tree", part, SLOW_ROUNDS):
            said = f"{version('gitleaks')}: {what}"
            figures += [Figure("tree vs gitleaks", pair.ratio, "x", SLOW_ROUNDS, ">= 30", said, *_both(pair))]
        small = Path(folder, "small")
        scale = size / share(whole, small, DETECT_SECRETS_SHARE)
        if pair := _versus("detect-secrets", "tree", small, SLOW_ROUNDS, ours=whole, scale=scale):
            said = f"{version('detect-secrets')}: s for 1 MB of source; ours: for all, the ratio by bytes"
            figures += [Figure("tree vs detect-secrets", pair.ratio, "x", SLOW_ROUNDS, ">= 200", said, *_both(pair))]
    return figures


def _history_figures() -> list[Figure]:
    made = repository()
    what = f"s for {made.commits} commits"
    figures = []
    if pair := _versus("betterleaks", "history", made.folder):
        said = f"{version('betterleaks')}: {what}"
        figures += [Figure("history vs betterleaks", pair.ratio, "x", ROUNDS, ">= 1.5", said, *_both(pair))]
    if pair := _versus("kingfisher", "history", made.folder):
        said = f"{version('kingfisher')}: {what}"
        figures += [Figure("history vs kingfisher", pair.ratio, "x", ROUNDS, ">= 2.5", said, *_both(pair))]
    if pair := _versus("gitleaks", "history", made.folder):
        said = f"{version('gitleaks')}: {what}"
        figures += [Figure("history vs gitleaks", pair.ratio, "x", ROUNDS, ">= 2.5", said, *_both(pair))]
    return figures


def _file_figures() -> list[Figure]:
    """One file of 20 kB with one secret: the command, and the agent's hook that was handed the file's text."""
    event = guard.read_event()
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "app.py")
        file.write_text(json.loads(event)["tool_response"]["file"]["content"])
        if pair := _versus("gitleaks", "tree", file, FILE_ROUNDS):
            said = f"{version('gitleaks')}: s for a file of 20 kB"
            figures += [Figure("file vs gitleaks cli", pair.ratio, "x", FILE_ROUNDS, ">= 1.2", said, *_both(pair))]
        if pair := _hook_versus("gitleaks", file, event, Path(folder)):
            said = f"{version('gitleaks')}: s for a file of 20 kB"
            figures += [Figure("file vs gitleaks hook", pair.ratio, "x", FILE_ROUNDS, ">= 2", said, *_both(pair))]
        if pair := _versus("kingfisher", "tree", file, FILE_ROUNDS):
            said = f"{version('kingfisher')}: s for a file of 20 kB"
            figures += [Figure("file vs kingfisher cli", pair.ratio, "x", FILE_ROUNDS, ">= 8", said, *_both(pair))]
    return figures


def _both(pair: Versus) -> tuple[float, float, float]:
    """Fastest time of the peer, of ours, and the median ratio, as `Figure` wants them."""
    return min(pair.theirs), min(pair.ours), pair.median


def _versus(
    peer: str, kind: str, target: Path, rounds: int = ROUNDS, ours: Path | None = None, scale: float = 1.0
) -> Versus | None:
    """Ours and a peer in turn; None, and a line on standard error, where the peer is missing or fails."""
    options = ("--history", "--no-cache") if kind == "history" else ()

    def mine() -> Run:
        return _ours(*options, str(ours or target))

    return _in_turn(peer, kind, target, mine, rounds, scale)


def _hook_versus(peer: str, file: Path, event: bytes, folder: Path) -> Versus | None:
    hook = [sys.executable, "-I", "-S", str(entry.__file__), "claude-code", sysconfig.get_path("platlib")]
    settings = {"HOME": str(folder), "SECRETGUARD_HOME": str(folder / "guard"), "PATH": os.defpath}
    return _in_turn(peer, "tree", file, lambda: started(hook, folder, event, settings), FILE_ROUNDS)


def _in_turn(
    peer: str, kind: str, target: Path, mine: Callable[[], Run], rounds: int, scale: float = 1.0
) -> Versus | None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            theirs = command(peer, kind, target, Path(folder, "report"))
            where = target if target.is_dir() else Path(folder)
            return in_turn(mine, lambda: started(theirs, where), rounds, scale)
        except Needs as need:
            print(f"bench scan: no figure against {peer}, needs {need}", file=sys.stderr)
            return None


def _ours(*words: str) -> Run:
    """`secretguard scan` as it is installed beside the interpreter that runs the bench."""
    installed = Path(sys.executable).with_name("secretguard")
    return started([str(installed), "scan", "--format", "json", *words])
