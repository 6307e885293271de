"""Which placeholders the guard gave in a session, and what for: so that a person hears of each secret once, and the tag
alone is enough to accept it. Hot path, where there is a finding.

One file a session in the private state folder, one JSON line a secret: tag, rule, masked form, where, project, keyed
digest; no value. `+TAG` is that secret once more. A line after `?` waits to be told: the shell wrapper, which redacts
what commands print, has nobody to tell, and the hook after it sees placeholders alone. Bounded in size, number and age.

Memory is no guard: where it cannot be read or written the line is said again, and nothing else depends on it.
"""

from __future__ import annotations

import os
import time

from secretguard.errors import GuardError
from secretguard.guard.heard import FLAGS, LARGEST, directory, known, locked, name_of, path_of, whole
from secretguard.places import private_dir, state_dir
from secretguard.rawjson import JsonError, dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Row = dict[str, str]

KEPT = 100
"""Sessions; the oldest go first."""
DAYS = 30
FIELDS = ("tag", "outcome", "rule", "what", "masked", "digest", "where", "path", "project", "session", "at")
"""What a row says, all texts, in this order; `path` is the file on disk, "" where the secret was in no one file."""


def remember(session: str, rows: list[Row]) -> tuple[list[Row], int]:
    """Those of `rows` that are new in `session`, and how often known ones came since the last new one."""
    try:
        fd = os.open(os.path.join(private_dir(directory()), name_of(session)), FLAGS | os.O_CREAT, 0o600)
    except (OSError, GuardError):
        return rows, 0
    try:
        return _remember(fd, rows)
    except OSError:
        return rows, 0
    finally:
        os.close(fd)


def wait(session: str, rows: list[Row]) -> None:
    """Remember `rows` for the hook of `session` to tell, those that it does not know."""
    try:
        private_dir(os.path.dirname(due_path(session)))
        fd = os.open(os.path.join(private_dir(directory()), name_of(session)), FLAGS | os.O_CREAT, 0o600)
    except (OSError, GuardError):
        return
    try:
        if _remember(fd, rows, "?")[0]:
            os.close(os.open(due_path(session), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    except OSError:
        return
    finally:
        os.close(fd)


def due(session: str) -> list[Row]:
    """The rows that wait to be told in `session`; they are told from here on."""
    try:
        fd = os.open(path_of(session), FLAGS)
    except OSError:
        return []
    try:
        if not locked(fd):
            return []
        os.unlink(due_path(session))  # of two hooks at once, one tells
        lines = whole(fd).split(b"\n")
        told = {row["tag"] for row in map(_row, lines) if row}
        waiting = [row for row in map(_row, (line[1:] for line in lines if line[:1] == b"?")) if row]
        rows = list({row["tag"]: row for row in waiting if row["tag"] not in told}.values())
        if rows:
            os.write(fd, "\n".join(["", *map(dumps, rows), ""]).encode("ascii"))
        return rows
    except OSError:
        return []
    finally:
        os.close(fd)


def due_path(session: str) -> str:
    """The file that is there while something waits to be told in `session`."""
    return os.path.join(state_dir(), "due", name_of(session))


def _remember(fd: int, rows: list[Row], mark: str = "") -> tuple[list[Row], int]:
    if not locked(fd):
        return rows, 0
    data = whole(fd)
    if not data:
        _forget_old()
    fresh = [row for row in rows if not known(row["tag"], row["outcome"], data)]
    again = data.count(b"\n+", data.rfind(b"{")) if fresh and data else 0
    lines = [*(mark + dumps(row) for row in fresh), *("+" + row["tag"] for row in rows if row not in fresh)]
    written = ("" if not data or data.endswith(b"\n") else "\n") + "\n".join([*lines, ""])
    if len(data) + len(written) <= LARGEST:
        os.write(fd, written.encode("ascii"))
    return fresh, again


def _forget_old() -> None:
    """A session begins: those that are too old or too many go; of what waits to be told, the same."""
    old = time.time() - DAYS * 86_400
    for folder in (directory(), os.path.dirname(due_path(""))):
        for number, (age, path) in enumerate(sorted(_files(folder), reverse=True)):
            if number >= KEPT or age < old:
                try:
                    os.unlink(path)
                except OSError:
                    continue


def _files(folder: str) -> list[tuple[float, str]]:
    try:
        with os.scandir(folder) as entries:
            return [(entry.stat(follow_symlinks=False).st_mtime, entry.path) for entry in entries]
    except OSError:
        return []


class Session:
    """What one session's file says: its rows in order, and how often each tag came in all."""

    __slots__ = ("counts", "id", "last", "rows")

    def __init__(self, last: float, rows: list[Row], counts: dict[str, int]) -> None:
        self.last = last
        self.rows = rows
        self.counts = counts
        self.id = rows[0]["session"] if rows else ""


def sessions() -> Iterator[Session]:
    """The sessions that are remembered, newest first. What cannot be read is passed over."""
    oldest = time.time() - DAYS * 86_400
    for age, path in sorted(_files(directory()), reverse=True):
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        try:
            data = whole(fd) if age >= oldest else b""
        except OSError:
            continue
        finally:
            os.close(fd)
        session = _session(age, data)
        if session.rows:
            yield session


def _session(age: float, data: bytes) -> Session:
    rows: list[Row] = []
    waiting: list[Row] = []
    counts: dict[str, int] = {}
    for line in data.split(b"\n"):
        if line.startswith(b"+"):
            tag = line[1:].decode("ascii", "replace")
            counts[tag] = counts.get(tag, 0) + 1
        elif row := _row(line):
            rows.append(row)
            counts[row["tag"]] = counts.get(row["tag"], 0) + 1
        elif row := _row(line[1:] if line[:1] == b"?" else b""):
            waiting.append(row)
    told = {row["tag"] for row in rows}
    rows += [row for row in waiting if row["tag"] not in told]
    return Session(age, rows, {row["tag"]: counts.get(row["tag"], 0) or 1 for row in rows})


def _row(line: bytes) -> Row | None:
    try:
        row = loads(line) if line.startswith(b"{") else None
    except JsonError:
        return None
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in FIELDS):
        return None
    return row
