"""A few small real repositories, a list of them, and the real command over it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.secretguard.githooks.repositories import LEAK, Repository


def some(folder: Path, count: int) -> list[Path]:
    """`count` repositories: each second one holds a secret in its files, each third one in its past alone."""
    found = []
    for number in range(count):
        here = Repository(folder / f"r{number}")
        here.past("README", f"number {number}\n")
        if number % 3 == 2:
            here.past("gone.py", LEAK)
            here.past("gone.py", "clean\n")
        if number % 2:
            here.past("app.py", LEAK)
        found.append(here.folder)
    return found


def listed(path: Path, entries: list[object]) -> Path:
    """The file that names them."""
    path.write_text("# repositories\n\n" + "".join(f"{entry}\n" for entry in entries))
    return path


def command(names: Path, out: Path, *more: str) -> list[str]:
    """The command line that scans them."""
    return [sys.executable, "-I", "-m", "secretguard", "scan", "--repos", str(names), "-o", str(out), *more]


def scan(names: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(names, out, *more), capture_output=True, text=True, timeout=170)


def shards(out: Path) -> dict[str, bytes]:
    """What each shard holds, by its name."""
    return {path.name: path.read_bytes() for path in sorted(out.glob("*.jsonl")) if path.name != "errors.jsonl"}


def lines(data: bytes) -> list[dict[str, Any]]:
    """A shard's documents."""
    return [json.loads(line) for line in data.splitlines()]
