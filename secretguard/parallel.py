"""Files scanned by several processes: one stride of the list each, results in the order of the list.

What comes back from a worker is plain tuples, because a `Secret` refuses to be pickled and the pipe never leaves this
family of processes.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Sequence
from contextlib import closing

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

_FIELDS = Located._fields
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
    told: dict[int, Scan] = {}
    scan = Scan()
    with closing(fan_out(count, lambda number, say: _work(scanner, paths, number, count, say))) as frames:
        for frame in frames:
            done, files, size, parts = unpack(frame)
            told.update(parts)
            scan.files += files
            scan.bytes += size
            progress(done, size)
    for _, one in sorted(told.items()):
        scan.findings += one.findings
        scan.skipped += one.skipped
        scan.notes += one.notes
    return scan


def _here(scanner: Scanner, paths: Sequence[str], progress: Callable[[int, int], None]) -> Scan:
    scan = Scan()
    for path in paths:
        one = scanner.file(path)
        scan.add(one)
        progress(1, one.bytes)
    return scan


def _work(scanner: Scanner, paths: Sequence[str], first: int, stride: int, say: Say) -> None:
    places = range(first, len(paths), stride)
    for at in range(0, len(places), BATCH):
        batch = places[at : at + BATCH]
        say(pack([(place, scanner.file(paths[place])) for place in batch]))


def pack(parts: list[tuple[int, Scan]]) -> bytes:
    """The results of some files, each with its place in the list, for the pipe to the parent."""
    told = []
    for place, scan in parts:
        if scan.findings or scan.skipped or scan.notes:
            skipped = [(item.path, item.reason, item.bytes, item.chosen) for item in scan.skipped]
            told.append((place, [_row(finding) for finding in scan.findings], skipped, scan.notes))
    files, size = sum(scan.files for _, scan in parts), sum(scan.bytes for _, scan in parts)
    return marshal.dumps((len(parts), files, size, told))


def unpack(frame: bytes) -> tuple[int, int, int, dict[int, Scan]]:
    """What `pack` packed: paths done, files and bytes scanned, and what there is to tell of each place."""
    done, files, size, told = marshal.loads(frame)  # noqa: S302  # our own child, over our own pipe
    return done, files, size, {place: _scan(*parts) for place, *parts in told}


def _row(finding: Located) -> tuple[object, ...]:
    row: list[object] = list(finding)
    row[_SECRET] = finding.secret.reveal()
    return tuple(row)


def _scan(rows: list[tuple[object, ...]], skipped: list[tuple[str, str, int, bool]], notes: list[str]) -> Scan:
    findings = [Located(**{**dict(zip(_FIELDS, row, strict=True)), "secret": Secret(row[_SECRET])}) for row in rows]  # type: ignore[arg-type]
    return Scan(findings, [Skipped(*item) for item in skipped], notes=notes)
