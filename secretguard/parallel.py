"""Files scanned by several processes: one stride of the list each, results in the order of the list.

What comes back from a worker is plain tuples, because a `Secret` refuses to be pickled and the pipe never leaves this
family of processes.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import fields

from secretguard.pipeline import Scanner
from secretguard.platforms.here import usable_cpus
from secretguard.report.located import Located, Scan, Skipped
from secretguard.secret import Secret
from secretguard.workers import Say, fan_out

WORTH_IT = 64
"""Fewer files than this are scanned in one process."""

MOST = 8
"""Processes at most, where nobody asked for more."""

BATCH = 64
"""Files between two reports of a worker."""

_FIELDS = [field.name for field in fields(Located)]
_SECRET = _FIELDS.index("secret")


def workers(asked: int, files: int) -> int:
    """How many processes to use: as asked, else one a CPU that this process may use, at most MOST."""
    if asked:
        return min(asked, max(1, files))
    return 1 if files < WORTH_IT else min(MOST, usable_cpus())


def scan_files(scanner: Scanner, paths: Sequence[str], count: int, progress: Callable[[int, int], None]) -> Scan:
    """Scan `paths` with `count` processes; findings come back in the order of `paths`.

    `progress` is called with files and bytes done since the last call. Raises GuardError when a worker dies.
    """
    if count <= 1:
        return _here(scanner, paths, progress)
    scan = Scan()
    with closing(fan_out(count, lambda number, say: _work(scanner, paths[number::count], say))) as frames:
        for frame in frames:
            one, files = unpack(frame)
            scan.add(one)
            progress(files, one.bytes)
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


def _work(scanner: Scanner, paths: Sequence[str], say: Say) -> None:
    for at in range(0, len(paths), BATCH):
        scan = Scan()
        batch = paths[at : at + BATCH]
        for path in batch:
            scan.add(scanner.file(path))
        say(pack(scan, len(batch)))


def pack(scan: Scan, done: int) -> bytes:
    """A part of a result, and how many files it stands for, for the pipe to the parent."""
    rows = []
    for finding in scan.findings:
        row = [getattr(finding, name) for name in _FIELDS]
        row[_SECRET] = finding.secret.reveal()
        rows.append(tuple(row))
    skipped = [(item.path, item.reason, item.bytes, item.chosen) for item in scan.skipped]
    return marshal.dumps((rows, skipped, scan.files, scan.bytes, done))


def unpack(frame: bytes) -> tuple[Scan, int]:
    """What `pack` packed."""
    rows, skipped, files, size, done = marshal.loads(frame)  # noqa: S302  # our own child, over our own pipe
    findings = [Located(**{**dict(zip(_FIELDS, row, strict=True)), "secret": Secret(row[_SECRET])}) for row in rows]
    return Scan(findings, [Skipped(*item) for item in skipped], files, size), done
