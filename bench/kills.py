"""Writers of the guard's journal killed at any moment, again and again: is every record there that was acknowledged?

A writer acknowledges a record, on its standard output, when `append` has returned. Files are closed every few records,
so that kills hit that, too.
"""

from __future__ import annotations

import dataclasses
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from secretguard.audit import reader
from secretguard.audit.journal import Journal
from secretguard.audit.verify import UNANCHORED, verify

ROOT = str(Path(__file__).resolve().parents[1])
KILLS = 1200
AT_ONCE = 12
SECONDS = 0.03
SEGMENT_BYTES = 64 * 1024

WRITER = """
import os, sys
sys.path.insert(0, sys.argv[1])
from secretguard.audit.journal import Journal
directory, writer, segment = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
journal = Journal(directory, lock_seconds=60, segment_bytes=segment)
number = 0
while True:
    pad = "x" * (number * 37 % 3000)
    kind = "denied" if number % 8 == 7 else "allowed"
    journal.append("guard:command:" + kind, {"writer": writer, "number": number, "pad": pad})
    os.write(1, b".")
    number += 1
"""


@dataclasses.dataclass(frozen=True)
class Killed:
    """How many writers were killed, how many records they had acknowledged, how many of those are lost."""

    kills: int
    acknowledged: int
    lost: int


def measure() -> Killed:
    """Raises RuntimeError when the journal does not verify afterwards: then nothing it says counts."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o700)
        acknowledged: dict[int, int] = {}
        chance = random.Random(2026)
        for first in range(0, KILLS, AT_ONCE):
            acknowledged.update(_round(directory, range(first, first + AT_ONCE), chance))
        Journal(directory).append("guard:command:allowed", {})
        result = verify(directory)
        if result.words != UNANCHORED:
            raise RuntimeError(f"the journal does not verify after the kills: {result.findings[0]}")
        there = defaultdict[object, set[object]](set)
        for record in reader.records(directory):
            there[record.get("writer")].add(record.get("number"))
        lost = sum(number not in there[writer] for writer, count in acknowledged.items() for number in range(count))
        return Killed(len(acknowledged), sum(acknowledged.values()), lost)


def _round(directory: str, writers: range, chance: random.Random) -> dict[int, int]:
    """Writers that run at once and are killed one after another: how many records each acknowledged."""
    command = [sys.executable, "-I", "-S", "-c", WRITER, ROOT, directory]
    running = {
        writer: subprocess.Popen([*command, str(writer), str(SEGMENT_BYTES)], stdout=subprocess.PIPE)
        for writer in writers
    }
    counts = {}
    for process in running.values():
        assert process.stdout is not None
        process.stdout.read(1)  # it has begun
    for writer, process in running.items():
        time.sleep(chance.random() * SECONDS / AT_ONCE)
        process.kill()
        counts[writer] = 1 + len(process.communicate(timeout=60)[0])
    return counts
