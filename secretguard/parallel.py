"""A scan over several processes: forked workers, one stride of the file list each, results over pipes as they come.

Forked, so that the loaded pack is shared and nothing is sent to a worker; what comes back is plain tuples, because a
`Secret` refuses to be pickled and the pipe never leaves this family of processes.
"""

from __future__ import annotations

import marshal
import os
import select
import signal
import struct
from collections.abc import Callable, Sequence
from dataclasses import fields

from secretguard.errors import GuardError
from secretguard.pipeline import Scanner
from secretguard.platforms.here import usable_cpus
from secretguard.report.located import Located, Scan, Skipped
from secretguard.secret import Secret

WORTH_IT = 64
"""Fewer files than this are scanned in one process."""

BATCH = 64
"""Files between two reports of a worker."""

_FRAME = struct.Struct("<Q")
_FIELDS = [field.name for field in fields(Located)]
_SECRET = _FIELDS.index("secret")


def workers(asked: int, files: int) -> int:
    """How many processes to use: as asked, else one a CPU that this process may use, at most 8."""
    if asked:
        return min(asked, max(1, files))
    return 1 if files < WORTH_IT else min(8, usable_cpus())


def scan_files(scanner: Scanner, paths: Sequence[str], count: int, progress: Callable[[int, int], None]) -> Scan:
    """Scan `paths` with `count` processes; findings come back in the order of `paths`.

    `progress` is called with files and bytes done since the last call. Raises GuardError when a worker dies: a part of
    the files would be missing from the result.
    """
    if count <= 1:
        return _here(scanner, paths, progress)
    running = {}
    try:
        for number in range(count):
            pid, pipe = _start(scanner, paths[number::count])
            running[pipe] = (pid, bytearray())
        scan = _collect(running, progress)
    finally:
        for pipe, (pid, _) in running.items():
            os.kill(pid, signal.SIGKILL)
            os.close(pipe)
            os.waitpid(pid, 0)
    order = {path: place for place, path in enumerate(paths)}
    scan.findings.sort(key=lambda finding: (order[finding.path], finding.start_offset))
    scan.skipped.sort(key=lambda item: order.get(item.path, 0))
    return scan


def _here(scanner: Scanner, paths: Sequence[str], progress: Callable[[int, int], None]) -> Scan:
    scan = Scan()
    for path in paths:
        one = scanner.file(path)
        scan.add(one)
        progress(1, one.bytes)
    return scan


def _start(scanner: Scanner, paths: Sequence[str]) -> tuple[int, int]:
    """A worker's process id, and the pipe on which its results come."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    status = 1
    try:
        os.close(reading)
        _work(scanner, paths, writing)
        status = 0
    finally:
        os._exit(status)  # no clean-up of the parent's files, buffers and handlers in the child


def _work(scanner: Scanner, paths: Sequence[str], pipe: int) -> None:
    for at in range(0, len(paths), BATCH):
        scan = Scan()
        batch = paths[at : at + BATCH]
        for path in batch:
            scan.add(scanner.file(path))
        _send(pipe, _pack(scan, len(batch)))
    _send(pipe, b"")


def _send(pipe: int, data: bytes) -> None:
    left = memoryview(_FRAME.pack(len(data)) + data)
    while left:
        left = left[os.write(pipe, left) :]


def _collect(running: dict[int, tuple[int, bytearray]], progress: Callable[[int, int], None]) -> Scan:
    scan = Scan()
    while running:
        for pipe in select.select(list(running), [], [])[0]:
            pid, buffer = running[pipe]
            part = os.read(pipe, 1 << 20)
            if not part:
                raise GuardError("a scan worker died; the result would be incomplete", "run again with -j 1")
            buffer += part
            while (frame := _take(buffer)) is not None:
                if not frame:
                    del running[pipe]
                    os.close(pipe)
                    os.waitpid(pid, 0)
                    break
                one, files = _unpack(frame)
                scan.add(one)
                progress(files, one.bytes)
    return scan


def _take(buffer: bytearray) -> bytes | None:
    """The next whole frame of `buffer`, taken out of it; None when there is none yet."""
    if len(buffer) < _FRAME.size:
        return None
    end = _FRAME.size + _FRAME.unpack_from(buffer)[0]
    if len(buffer) < end:
        return None
    frame = bytes(buffer[_FRAME.size : end])
    del buffer[:end]
    return frame


def _pack(scan: Scan, done: int) -> bytes:
    rows = []
    for finding in scan.findings:
        row = [getattr(finding, name) for name in _FIELDS]
        row[_SECRET] = finding.secret.reveal()
        rows.append(tuple(row))
    skipped = [(item.path, item.reason, item.bytes, item.chosen) for item in scan.skipped]
    return marshal.dumps((rows, skipped, scan.files, scan.bytes, done))


def _unpack(frame: bytes) -> tuple[Scan, int]:
    rows, skipped, files, size, done = marshal.loads(frame)  # noqa: S302  # our own child, over our own pipe
    findings = [Located(**{**dict(zip(_FIELDS, row, strict=True)), "secret": Secret(row[_SECRET])}) for row in rows]
    return Scan(findings, [Skipped(*item) for item in skipped], files, size), done
