"""Whole processes side by side: ours and a peer's in turn, so that other load on the machine meets both alike."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.needs import Needs
from scripts import parts
from scripts.part_recipes import CARGO_PARTS, GO_PARTS, WHEEL_PARTS

LONGEST = 1800
"""Seconds that one run may take."""

ONE_RUN = Path(__file__).with_name("one_run.py")
"""The small process that runs and measures a command."""

GOOD = frozenset({0, 1, 200, 205})
"""Exit statuses of a scanner that did its work; Kingfisher says with 200 and 205 that it found something."""

KINGFISHER = ("--no-update-check", "scan", "--no-validate", "--format", "jsonl")
GITLEAKS = ("--no-banner", "--exit-code", "0", "--log-level", "error", "--report-format", "json", "--report-path", "@")

ARGUMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "kingfisher": {"tree": (*KINGFISHER, "{}"), "history": (*KINGFISHER, "{}")},
    "betterleaks": {
        "tree": ("--exit-code=0", "-o", "@.json", "{}"),
        "history": ("--exit-code=0", "-o", "@.json", "git", "{}"),
    },
    "ripsecrets": {"tree": ("{}",)},
    "gitleaks": {"tree": ("dir", *GITLEAKS, "{}"), "history": ("git", *GITLEAKS, "{}")},
    "detect-secrets": {"tree": ("scan", "--all-files", "--no-verify", ".")},
}
"""Peer → what is scanned → its arguments: default settings, a report for machines, nothing asked over the network.
`{}` is the target, in which detect-secrets must stand; `@` a place for a report."""


@dataclass(frozen=True, slots=True)
class Run:
    """One process with all its children: seconds of wall and processor time, the largest one's memory in MiB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Versus:
    """The wall times of ours and of a peer, round by round; `scale`, how much more ours did (bytes over bytes)."""

    ours: list[float]
    theirs: list[float]
    scale: float = 1.0

    @property
    def ratio(self) -> float:
        """How much longer the peer takes, by the fastest run of each: what else the machine does only adds."""
        return min(self.theirs) * self.scale / min(self.ours)

    @property
    def median(self) -> float:
        """The same, by the median of the rounds' own ratios."""
        pairs = zip(self.theirs, self.ours, strict=True)
        return statistics.median(theirs * self.scale / ours for theirs, ours in pairs)


def program(name: str) -> str | None:
    """The peer's program, or None where this machine has none."""
    if name == "detect-secrets":
        near = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return shutil.which(name, path=near)
    found = parts.find(name)
    return str(found) if found else None


def version(name: str) -> str:
    """Name and version of a peer, as its part is pinned."""
    pinned = {name: version for name, (version, _) in WHEEL_PARTS.items()} | CARGO_PARTS
    pinned["gitleaks"] = GO_PARTS["gitleaks"][0]
    if name not in pinned:
        from importlib.metadata import version as installed

        pinned[name] = installed(name)
    return f"{name} {pinned[name]}"


def command(name: str, kind: str, target: Path, report: Path) -> list[str]:
    """The peer's whole command. Raises KeyError for what it cannot scan, Needs where it is not installed."""
    found = program(name)
    if found is None:
        raise Needs(f"{name}: make parts-bench")
    return [found, *(word.replace("{}", str(target)).replace("@", str(report)) for word in ARGUMENTS[name][kind])]


def run(
    words: Sequence[str], folder: Path | None = None, stdin: bytes = b"", settings: Mapping[str, str] | None = None
) -> Run:
    """Run a command to its end in `folder`, its output to a file, its environment `settings` where they are given.

    Raises Needs when it fails or takes longer than LONGEST.
    """
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as errors:
        given.write(stdin)
        given.seek(0)
        report = Path(name) / "run.json"
        launcher = [sys.executable, "-I", "-S", str(ONE_RUN), str(report), str(LONGEST), *words]
        with open(Path(name) / "output", "wb") as output:
            subprocess.run(launcher, stdin=given, stdout=output, stderr=errors, cwd=folder, env=settings, check=False)
        errors.seek(0)
        said = errors.read()[-300:].decode("utf-8", "replace").strip()
        if not report.exists():
            raise Needs(f"{Path(words[0]).name} to start: {said}")
        found = json.loads(report.read_text(encoding="ascii"))
    if found["status"] not in GOOD:
        raise Needs(f"{Path(words[0]).name} to work; it ended with {found['status']}: {said}")
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return Run(found["wall"], found["cpu"], found["peak"] / unit)


def in_turn(ours: Callable[[], Run], theirs: Callable[[], Run], rounds: int, scale: float = 1.0) -> Versus:
    """`rounds` times ours and then the peer's, after one of each that nobody counts: caches are warm for both."""
    ours()
    theirs()
    both = [(ours().wall, theirs().wall) for _ in range(rounds)]
    return Versus([mine for mine, _ in both], [peer for _, peer in both], scale)
