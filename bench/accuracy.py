"""How often a scanner speaks on source that holds no secret of anybody's: the tree of `bench scan`, and peers on it.

Every finding counts as a false alarm, also a test's key and a standard's example: an upper bound that nobody has
labelled. Ours and each peer's as they come.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench import peers
from bench.figure import Figure
from bench.needs import Needs
from bench.tree import tree

MIB = 1 << 20
LONGEST = 1800
"""Seconds that one scanner may take."""


def run() -> list[Figure]:
    """The figures. Raises Needs without enough source on this machine."""
    folder, size = tree()
    sure = _ours(folder)
    high, reported = sure["high"], sure.total()
    told = {name: _peer(name, folder) for name in READERS}
    beside = {name: count for name, count in told.items() if count is not None}
    per = size / MIB
    said, least = _least(beside)
    return [
        Figure(
            "clean tree findings per 20 MiB at high", high * 20 / per, "findings", high, "<= 1", said, least(20 / per)
        ),
        Figure("clean tree findings per 3 MiB", reported * 3 / per, "findings", reported, "<= 1", said, least(3 / per)),
    ]


def _least(beside: dict[str, int]) -> tuple[str, Callable[[float], float | None]]:
    """What each peer reports, in words, and the least of it times a factor; "" and None without a peer."""
    if not beside:
        return "", lambda _: None
    said = ", ".join(f"{peers.version(peer)} {count}" for peer, count in sorted(beside.items()))
    return f"least of {said} in all", lambda factor: min(beside.values()) * factor


def _ours(folder: Path) -> Counter[str]:
    """Our findings by confidence."""
    command = [sys.executable, "-m", "secretguard", "scan", "--format", "json", str(folder)]
    done = subprocess.run(command, capture_output=True, timeout=LONGEST, check=False)
    if done.returncode not in (0, 1):
        raise Needs(f"secretguard to work; it ended with {done.returncode}")
    return Counter(finding["confidence"] for finding in json.loads(done.stdout)["findings"])


def _peer(name: str, folder: Path) -> int | None:
    """How many findings a peer reports; None, said on standard error, where it is not here."""
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report"
        try:
            command = peers.command(name, "tree", folder, report)
        except Needs as need:
            print(f"bench accuracy: {name} is left out, needs {need}", file=sys.stderr)
            return None
        done = subprocess.run(command, capture_output=True, timeout=LONGEST, check=False)
        if done.returncode not in peers.GOOD:
            print(f"bench accuracy: {name} is left out, it ended with {done.returncode}", file=sys.stderr)
            return None
        return READERS[name](done.stdout, report)


def _listed(_output: bytes, report: Path) -> int:
    """The elements of a JSON list in the report, whatever ending the peer gave it."""
    written = next(path for path in (report, report.with_name(report.name + ".json")) if path.exists())
    return len(json.loads(written.read_bytes() or b"[]") or [])


def _lines(output: bytes, _report: Path) -> int:
    """One line of JSON a finding, among others."""
    rows = (json.loads(line) for line in output.splitlines() if line.startswith(b"{"))
    return sum("rule" in row for row in rows)


READERS: dict[str, Callable[[bytes, Path], int]] = {
    "betterleaks": _listed,
    "kingfisher": _lines,
}
"""Peer → how its report is counted. gitleaks takes several minutes for a tree of this size, detect-secrets an hour."""
