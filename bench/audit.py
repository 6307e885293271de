"""The guard's journal: what an append costs beside a plain O_APPEND, how fast it is verified, what a verifier sees.

Latency is taken inside writers that run already; each writer is a process of its own, as hooks are.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Figure
from secretguard.audit.head import Head
from secretguard.audit.head import write as write_head
from secretguard.audit.journal import FILE, HEAD, Journal
from secretguard.audit.line import GENESIS, seal
from secretguard.audit.pin import Pin, make
from secretguard.audit.verify import INCOMPLETE, TAMPERED, verify

ROOT = str(Path(__file__).resolve().parents[1])
FIELDS = {
    "session_id": "3f2b8c1e-9d0a-4c5f-8a77-1b2c3d4e5f60",
    "tool": "Bash",
    "command": "git status --short && ls -la src",
    "rule": "guarded-work",
    "path": "/home/dev/project/src/app/main.py",
    "digest": "a" * 64,
}
PLAIN = "O_APPEND of the same bytes"
SYNCED = "O_APPEND and fdatasync"
EVENTS = 60_000
EDITS = 10_000

WRITER = """
import json, os, sys, time
sys.path.insert(0, sys.argv[1])
from secretguard.audit.journal import Journal
directory, kind, count = sys.argv[2], sys.argv[3], int(sys.argv[4])
fields = json.loads(sys.argv[5])
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
for _ in range(count):
    start = time.perf_counter()
    work()
    took.append((time.perf_counter() - start) * 1e3)
print(json.dumps(took))
"""


def run() -> list[Figure]:
    """Appends of 1 and 32 writers, verification of a large journal, edits of all sorts against a pin."""
    one, one_plain = _p99("observe", 1, 4000), _p99("plain", 1, 4000)
    many, many_plain = _p99("observe", 32, 200), _p99("plain", 32, 200)
    synced, synced_plain = _p99("synced", 32, 30), _p99("plain-synced", 32, 30)
    rate = _verified_per_second()
    seen = sum(1 for caught in _edits() if caught)
    return [
        Figure("append p99 1 writer", one, "ms", 4000, "", PLAIN, one_plain),
        Figure("append p99 32 writers", many, "ms", 32 * 200, "", PLAIN, many_plain),
        Figure("durable append p99 32 writers", synced, "ms", 32 * 30, "", SYNCED, synced_plain),
        Figure("verify events per s", rate, "1/s", EVENTS, ">= 150000"),
        Figure("edits detected", seen / EDITS, "ratio", EDITS, "== 1"),
    ]


def _p99(kind: str, writers: int, count: int) -> float:
    """The 99th percentile in milliseconds over all appends of `writers` processes that start together."""
    with tempfile.TemporaryDirectory() as folder:
        directory = os.path.join(folder, "audit")
        os.mkdir(directory, 0o700)
        command = [sys.executable, "-I", "-c", WRITER, ROOT, directory, kind, str(count), json.dumps(FIELDS)]
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
        raw = _chain(
            [_body("journal:file:started", 1), *(_body("guard:read:allowed", n) for n in range(2, EVENTS + 1))]
        )
        _write(directory, raw)
        best = 0.0
        for _ in range(3):
            start = time.perf_counter()
            result = verify(str(directory))
            best = max(best, EVENTS / (time.perf_counter() - start))
            if result.findings or result.records != EVENTS:
                raise RuntimeError("the journal under test does not verify")
    return best


def _body(event: str, seq: int) -> str:
    envelope = {"v": 1, "seq": seq, "time": "2026-11-24T23:38:00.153Z", "event": event}
    return json.dumps(envelope | FIELDS, separators=(",", ":"))


def _chain(bodies: list[str], prev: str = GENESIS) -> list[bytes]:
    raw = []
    for body in bodies:
        line, prev = seal(body, prev)
        raw.append(line)
    return raw


def _write(directory: Path, raw: list[bytes]) -> None:
    (directory / FILE).write_bytes(b"".join(raw))
    write_head(str(directory / HEAD), Head(len(raw), raw[-1][-65:-1].decode(), sum(map(len, raw))))


def _edits() -> Iterator[bool]:
    """EDITS edited journals, one after another: whether the verifier, given the pin, saw it."""
    chance = random.Random(2026)
    with tempfile.TemporaryDirectory() as folder:
        directory, other = Path(folder) / "audit", Path(folder) / "other"
        for made in (directory, other):
            for number in range(12):
                Journal(str(made)).append("guard:read:allowed", {**FIELDS, "number": number})
        raw = (directory / FILE).read_bytes().splitlines(keepends=True)
        foreign = (other / FILE).read_bytes().splitlines(keepends=True)
        pin = make(raw[0][-65:-1].decode(), len(raw), raw[-1][-65:-1].decode())
        if verify(str(directory), pin).exit_code:
            raise RuntimeError("the journal under test is not intact before it is edited")
        head = (directory / HEAD).read_bytes()
        for number in range(EDITS):
            yield _caught(directory, pin, raw, foreign, KINDS[number % len(KINDS)], chance)
            (directory / HEAD).write_bytes(head)
        shutil.rmtree(directory)


def _caught(
    directory: Path, pin: Pin, raw: list[bytes], foreign: list[bytes], kind: str, chance: random.Random
) -> bool:
    at = chance.randrange(len(raw) - 1)
    changed = _edited(kind, raw, foreign, at, chance)
    if kind in ("re-chain", "old copy"):
        _write(directory, changed)  # with a head file that fits: only the pin can tell
    else:
        (directory / FILE).write_bytes(b"".join(changed))
    return verify(str(directory), pin).outcome in (TAMPERED, INCOMPLETE)


KINDS = ("flip", "drop", "swap", "insert", "truncate", "splice", "re-chain", "old copy")


def _edited(kind: str, raw: list[bytes], foreign: list[bytes], at: int, chance: random.Random) -> list[bytes]:
    if kind == "flip":
        line = bytearray(raw[at])
        line[chance.randrange(len(line))] ^= 1 << chance.randrange(8)
        return [*raw[:at], bytes(line), *raw[at + 1 :]]
    if kind == "drop":
        return raw[:at] + raw[at + 1 :]
    if kind == "swap":
        return [*raw[:at], raw[at + 1], raw[at], *raw[at + 2 :]]
    if kind == "insert":
        return [*raw[: at + 1], raw[chance.randrange(len(raw))], *raw[at + 1 :]]
    if kind == "truncate":
        whole = b"".join(raw)
        return [whole[: chance.randrange(len(whole))]]
    if kind == "splice":
        return [*raw[:at], foreign[at], *raw[at + 1 :]]
    if kind == "old copy":
        return raw[: at + 1]
    bodies = [line.split(b"\t")[0].decode() for line in raw[at:]]
    bodies[0] = bodies[0].replace('"time":"2', '"time":"3')
    return raw[:at] + _chain(bodies, raw[at - 1][-65:-1].decode() if at else GENESIS)
