"""The guard's journal: what an append costs beside a plain O_APPEND, how fast it is verified, which edits a verifier
sees, what kills lose; and the rate of the broker's log.

Latency is taken inside writers that run already; each writer is a process of its own, as hooks are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import broker_log, kills
from bench.edits import edits
from bench.figure import Figure
from bench.needs import Needs
from secretguard.audit.fields import body
from secretguard.audit.head import Head
from secretguard.audit.head import write as write_head
from secretguard.audit.journal import FILE, HEAD
from secretguard.audit.line import GENESIS, seal
from secretguard.audit.verify import verify

ROOT = str(Path(__file__).resolve().parents[1])
FIELDS: dict[str, object] = {
    "session_id": "3f2b8c1e-9d0a-4c5f-8a77-1b2c3d4e5f60",
    "tool": "Bash",
    "command": "git status --short && ls -la src",
    "rule": "guarded-work",
    "path": "/home/dev/project/src/app/main.py",
    "digest": "a" * 64,
}
PLAIN = "O_APPEND of the same bytes"
SYNCED = "O_APPEND and fdatasync"
UNLOGGED = "the same transactions into a plain table"
PAUSE = 0.02
"""Seconds between two appends of a writer: a hook appends once, and takes longer than this to start, decide and end."""

EVENTS = 60_000
EDITS = 10_000

WRITER = """
import json, os, random, sys, time
sys.path.insert(0, sys.argv[1])
from secretguard.audit.journal import Journal
directory, kind, count = sys.argv[2], sys.argv[3], int(sys.argv[4])
fields, pause = json.loads(sys.argv[5]), float(sys.argv[6])
journal = Journal(directory, lock_seconds=60)
line = json.dumps(fields).encode().ljust(540) + b"\\n"
def plain():
    fd = os.open(directory + "/plain", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, line)
    if kind == "plain-synced":
        os.fdatasync(fd)
    os.close(fd)
def chained():
    journal.append("guard:read:denied" if kind == "synced" else "guard:read:allowed", fields)
work = plain if kind.startswith("plain") else chained
print(flush=True)
sys.stdin.readline()
took = []
time.sleep(pause * random.random())
for _ in range(count):
    if pause:
        time.sleep(pause)
    start = time.perf_counter()
    work()
    took.append((time.perf_counter() - start) * 1e3)
print(json.dumps(took))
"""


def run() -> list[Figure]:
    """Appends of 1 and 32 writers, verification of a large journal, edits of all sorts against a pin, kills."""
    one, one_plain = _p99("observe", 1, 4000), _p99("plain", 1, 4000)
    paced, paced_plain = _p99("observe", 32, 150, PAUSE), _p99("plain", 32, 150, PAUSE)
    many, many_plain = _p99("observe", 32, 200), _p99("plain", 32, 200)
    synced, synced_plain = _p99("synced", 32, 30), _p99("plain-synced", 32, 30)
    rate = _verified_per_second()
    seen = sum(caught for _, caught in edits(EDITS, FIELDS))
    killed = kills.measure()
    return [
        Figure("append p99 1 writer", one, "ms", 4000, "", PLAIN, one_plain),
        Figure("append p99 32 writers", paced, "ms", 32 * 150, "", PLAIN, paced_plain),
        Figure("append p99 32 writers without a pause", many, "ms", 32 * 200, "", PLAIN, many_plain),
        Figure("durable append p99 32 writers without a pause", synced, "ms", 32 * 30, "", SYNCED, synced_plain),
        Figure("verify events per s", rate, "1/s", EVENTS, ">= 150000"),
        Figure("edits detected", seen / EDITS, "ratio", EDITS, "== 1"),
        Figure("acked events lost", killed.lost, "records", killed.kills, "== 0"),
        *_broker(),
    ]


def _broker() -> list[Figure]:
    """The broker's figure, where there is a server for it; the guard's do not depend on it."""
    try:
        rates = broker_log.measure()
    except Needs as need:
        print(f"bench audit: `broker log events per s` not measured, needs {need}", file=sys.stderr)
        return []
    return [Figure("broker log events per s", rates.log, "1/s", rates.events, ">= 3000", UNLOGGED, rates.plain)]


def _p99(kind: str, writers: int, count: int, pause: float = 0.0) -> float:
    """The 99th percentile in milliseconds over all appends of `writers` processes that run at once, `pause` seconds
    between two appends of one."""
    with tempfile.TemporaryDirectory() as folder:
        directory = os.path.join(folder, "audit")
        os.mkdir(directory, 0o700)
        command = [
            sys.executable,
            "-I",
            "-c",
            WRITER,
            ROOT,
            directory,
            kind,
            str(count),
            json.dumps(FIELDS),
            str(pause),
        ]
        processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(writers)
        ]
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        took: list[float] = []
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        for process in processes:
            took += json.loads(process.communicate(timeout=300)[0])
    return sorted(took)[int(len(took) * 0.99) - 1]


def _verified_per_second() -> float:
    """The best of three walks over a journal of EVENTS records."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        _write(directory)
        best = 0.0
        for _ in range(3):
            start = time.perf_counter()
            result = verify(str(directory))
            best = max(best, EVENTS / (time.perf_counter() - start))
            if result.findings or result.records != EVENTS:
                raise RuntimeError("the journal under test does not verify")
    return best


def _write(directory: Path) -> None:
    """A journal of EVENTS records in one file."""
    prev, raw = GENESIS, []
    for seq in range(1, EVENTS + 1):
        event = "journal:file:started" if seq == 1 else "guard:read:allowed"
        line, prev = seal(seq, "2026-11-24T23:38:00.153Z", event, body(event, FIELDS), prev)
        raw.append(line)
    (directory / FILE).write_bytes(b"".join(raw))
    write_head(str(directory / HEAD), Head(len(raw), prev, sum(map(len, raw))))
