"""Processes that append to one journal, as hooks do, and say so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from secretguard.audit.journal import SEGMENT_BYTES
from tests.secretguard.audit.journals import ROOT

WRITER = """
import sys
sys.path.insert(0, {root!r})
from secretguard.audit.journal import Journal
journal = Journal({directory!r}, lock_seconds={lock_seconds}, segment_bytes={segment_bytes})
number = 0
while number != {count}:
    pad = "x" * (number * 37 % {most})
    journal.append("guard:command:{kind}", {{"writer": {writer}, "number": number, "pad": pad}})
    print(number, flush=True)
    number += 1
"""


def spawn(
    directory: Path,
    writer: int,
    count: int,
    kind: str = "denied",
    segment_bytes: int = SEGMENT_BYTES,
    lock_seconds: int = 30,
) -> subprocess.Popen[str]:
    """A process that appends `count` records (-1: without end), and prints the number of each when it is there."""
    said = {"root": ROOT, "directory": str(directory), "writer": writer, "count": count, "kind": kind}
    bounds = {"segment_bytes": segment_bytes, "lock_seconds": lock_seconds, "most": min(3000, segment_bytes // 4)}
    code = WRITER.format(**said, **bounds)
    return subprocess.Popen([sys.executable, "-I", "-S", "-c", code], stdout=subprocess.PIPE, text=True)
