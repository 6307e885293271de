"""Find the files of a project that hold secrets, and index their values. Not in an ordinary hook call: at a session's
start (bounded by SECONDS), after an index was damaged, and without hurry where a look at the project's files is taken.

Nearest files first, so that what a bound leaves out is far away; and it is said. Links are followed inside the project
alone. A value that is gone from its file stays known for a day: it was replaced or moved, and may still be in use.
"""

from __future__ import annotations

import os
import time

from secretguard.detect.known import record
from secretguard.known import index as stored
from secretguard.known.families import LARGEST, family, values
from secretguard.known.index import OF, SYNCED, DamagedIndex, Index, index_key, stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from secretguard.known.index import File, Row

SECONDS, SECONDS_ALONE = 0.3, 10.0
"""For the search through the folders: where somebody waits, and where nobody does."""
FILES, FOLDERS = 256, 20_000
KEPT = 86_400
"""Seconds for which a value is known after it left its file."""
MOMENT = 100_000_000
"""Nanoseconds in which a file may be written twice without another time."""
PASSED_OVER = frozenset(
    [
        ".git",
        ".hg",
        ".svn",
        ".jj",
        "node_modules",
        "bower_components",
        ".venv",
        "venv",
        "__pycache__",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".cache",
        ".next",
        ".nuxt",
        ".svelte-kit",
        ".gradle",
        ".terraform",
        ".idea",
        ".vscode-test",
        "Pods",
        "target",
        ".bundle",
        ".yarn",
        ".pnpm-store",
        "site-packages",
    ]
)


def build(project: str, seconds: float = SECONDS) -> Index:
    """Index the values of `project` anew and keep the index. Raises GuardError without the user's key.

    Where it cannot be kept, it is given all the same; its `stored` is False.
    """
    key, now = index_key(), int(time.time())
    files, missing = found_files(project, seconds)
    rows: list[Row] = []
    for number, file in enumerate(files):
        rows += read(project, file, number, key, now, missing)
    rows += _former(project, files, {one[:32] for one, _ in rows}, key, now)
    return keep(stored.of_rows(project, files, rows, missing, now), key)


def reread(old: Index, moved: list[int], key: bytes) -> Index:
    """`old` with the values that its files `moved` hold now; those that they held before stay. Kept as by `build`."""
    now, missing = int(time.time()), list(old.missing)
    files, fresh = [list(file) for file in old.files], []
    for number in moved:
        fresh += read(old.project, files[number], number, key, now, missing)
    gone = {number for number in moved if files[number][1] == SYNCED}  # what a person forgot is not kept for a day
    left = [row for row in old.rows if row[1][0] not in gone]
    return keep(stored.of_rows(old.project, files, [*fresh, *left], missing, old.built), key)


def keep(index: Index, key: bytes) -> Index:
    """Write it down, and give it back."""
    try:
        stored.save(index, key)
    except OSError:
        index.stored = False  # a full disk: what is known is known for this call alone
    return index


def found_files(project: str, seconds: float) -> tuple[list[File], list[str]]:
    """The files to read, without what the system says of them yet; and what was left out."""
    files: list[File] = [[os.path.join(project, name), "env", []] for name in (".env", ".env.local")]
    have = {str(file[0]) for file in files}
    missing: list[str] = []
    for path, kind in _walk(project, time.monotonic() + seconds, missing):
        if path not in have and len(files) < FILES:
            have.add(path)
            files.append([path, kind, []])
        elif path not in have:
            missing.append(f"files beyond the first {FILES}")
            break
    return files + [[stored.place(folder, SYNCED), SYNCED, []] for folder in _above(project)], missing


def _above(project: str) -> Iterator[str]:
    """The project, and each folder above it for which values were synced."""
    yield project
    folder = os.path.dirname(project)
    while folder != os.path.dirname(folder):
        if os.path.exists(stored.place(folder, SYNCED)):
            yield folder
        folder = os.path.dirname(folder)


def _walk(project: str, end: float, missing: list[str]) -> Iterator[tuple[str, str]]:
    """(path, kind) of each file of secrets, the nearest first."""
    folders = [project]
    for looked, folder in enumerate(folders):
        if looked >= FOLDERS or time.monotonic() > end:
            missing.append(f"{len(folders) - looked} folders that were not looked into in time")
            return
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in PASSED_OVER:
                    folders.append(entry.path)
                continue
            kind = family(entry.name)
            path = _inside(entry, project) if kind else None
            if kind and path:
                yield path, kind


def _inside(entry: os.DirEntry[str], project: str) -> str | None:
    if not entry.is_symlink():
        return entry.path
    path = os.path.realpath(entry.path)
    return path if path.startswith(project + "/") else None


def read(project: str, file: File, number: int, key: bytes, now: int, missing: list[str]) -> list[Row]:
    """The rows of one file, whose stamp is set; what cannot be read is said in `missing`."""
    path, kind = str(file[0]), str(file[1])
    seen = stamp(path)
    file[2] = seen if not seen or max(seen[0], seen[1]) < time.time_ns() - MOMENT else [0]
    if kind == SYNCED:
        return _synced(path, number, key, missing)
    name = stored.shown(path, project)
    data = contents(path)
    if data is None:
        if seen:
            missing.append(f"{name} cannot be read, or is larger than {LARGEST} bytes")
        return []
    return [
        (record(key, value, weak, 0), [number, line, variable[:200], now])
        for variable, value, weak, line in values(kind, data)
    ]


def contents(path: str) -> bytes | None:
    """A file of secrets; None where it is no regular file, larger than LARGEST, or not readable."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return None
    try:
        info = os.fstat(fd)
        if (info.st_mode & 0o170000) != 0o100000 or info.st_size > LARGEST:
            return None
        return os.read(fd, LARGEST + 1)
    except OSError:
        return None
    finally:
        os.close(fd)


def _synced(path: str, number: int, key: bytes, missing: list[str]) -> list[Row]:
    """What was read from a store: its digests are all that there is. `path` says whose they are."""
    try:
        kept = stored.load_at(path, key)
    except FileNotFoundError:
        return []
    except DamagedIndex as error:
        missing.append(f"the synced values ({error}): run `secretguard known sync` again")
        return []
    return [
        (one, [number, line, f"{variable}{OF}{kept.files[int(str(store))][0]}", seen])
        for one, (store, line, variable, seen) in kept.rows
    ]


def _former(project: str, files: list[File], have: set[bytes], key: bytes, now: int) -> list[Row]:
    """What the index before knew and no file holds any more."""
    try:
        old = stored.load(project, key)
    except (OSError, DamagedIndex):
        return []
    rows = []
    numbers = {str(file[0]): number for number, file in enumerate(files)}
    for one, (file, line, variable, seen) in old.rows:
        path, kind, _ = old.files[int(str(file))]
        if one[:32] in have or kind == SYNCED or now - int(str(seen)) > KEPT:
            continue
        if str(path) not in numbers:
            numbers[str(path)] = len(files)
            files.append([path, kind, []])
        rows.append((one, [numbers[str(path)], line, variable, seen]))
    return rows
