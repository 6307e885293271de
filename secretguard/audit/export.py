"""The journal to another system, in batches, with a cursor. It may lag behind the journal and never holds up a writer.

For each batch: write it out, make it durable, then move the cursor, atomically. Killed in between, the next run begins
at the old cursor. Into a file (`--output`) it then goes on where the last byte was written, so that each record is
there once. To a stream a record can come twice, never not at all (at least once); its `metadata.uid` is then the same.
"""

from __future__ import annotations

import dataclasses
import fcntl
import os
from collections.abc import Callable, Iterator

from secretguard.audit import ocsf
from secretguard.audit.journal import FILE, MAX_RECORD
from secretguard.audit.line import columns
from secretguard.audit.reader import parse
from secretguard.errors import ConfigError
from secretguard.rawjson import JsonError, dumps, loads

BATCH = 500
"""Records that are written and made durable together."""
MAX_CURSOR = 4096
_MAX_LINE = 2 * MAX_RECORD


@dataclasses.dataclass(frozen=True)
class Cursor:
    """The last exported record: where it ends in the journal (bytes) and its hash; and the output after it: inode and
    size of a file, zeros of a stream."""

    offset: int = 0
    hash: str = ""
    inode: int = 0
    size: int = 0


class Stream:
    """Where batches go when it is no file: `write` gets whole lines and returns when they are handed over."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def write(self, data: bytes, cursor: Cursor) -> tuple[int, int]:
        """Hand over one batch; (0, 0): a stream has no place to go back to."""
        del cursor
        self._write(data)
        return 0, 0


class OutputFile:
    """A file (0600) to which batches are appended. Raises ConfigError when it cannot be opened."""

    def __init__(self, path: str, fresh: bool) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_APPEND | (os.O_EXCL if fresh else 0)
        try:
            self._fd = os.open(path, flags, 0o600)
        except FileExistsError:
            raise ConfigError(f"{path} exists", "give --cursor FILE to go on with it, or another name") from None
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from None

    def write(self, data: bytes, cursor: Cursor) -> tuple[int, int]:
        """Append what is not there yet of one batch and make it durable; inode and size then. Raises OSError."""
        info = os.fstat(self._fd)
        ours = info.st_ino == cursor.inode or not cursor.offset
        before = max(0, info.st_size - cursor.size) if ours else 0
        there = os.pread(self._fd, min(before, len(data)), cursor.size) if before else b""
        if before and data.startswith(there) and len(there) == before:  # a run was killed after it wrote this much
            data = data[before:]
        elif info.st_size and os.pread(self._fd, 1, info.st_size - 1) != b"\n":
            data = b"\n" + data
        while data:
            data = data[os.write(self._fd, data) :]
        os.fsync(self._fd)
        return info.st_ino, os.fstat(self._fd).st_size

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def export(directory: str, output: Stream | OutputFile, cursor_path: str = "") -> int:
    """Write every record after the cursor (all of them without one) to `output` as OCSF; how many there were.

    Raises ConfigError when there is no journal, when the cursor is not of this journal, when another export holds it;
    OSError when the output fails, and the cursor then stays.
    """
    lock = _lock(cursor_path) if cursor_path else -1
    try:
        cursor = _load(cursor_path) if cursor_path else Cursor()
        count = 0
        for data, offset, own, number in _batches(directory, cursor):
            inode, size = output.write(data, cursor)
            cursor = Cursor(offset, own, inode, size)
            if cursor_path:
                _save(cursor_path, cursor)
            count += number
        return count
    finally:
        if lock >= 0:
            os.close(lock)


def _batches(directory: str, cursor: Cursor) -> Iterator[tuple[bytes, int, str, int]]:
    """(lines to write, end of the last record in them, its hash, their number) of at most BATCH records each."""
    path = os.path.join(directory, FILE)
    try:
        file = open(path, "rb")  # noqa: SIM115 - closed below; opening has an error of its own
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", "name the journal's folder with --journal") from None
    with file:
        source = _source(file.readline(_MAX_LINE))
        _check(path, file.fileno(), cursor)
        offset = cursor.offset
        file.seek(offset)
        lines: list[bytes] = []
        end, own = 0, ""
        while (line := file.readline(_MAX_LINE)).endswith(b"\n") or len(line) == _MAX_LINE:
            offset += len(line)
            record, parts = parse(line), columns(line.removesuffix(b"\n"))
            if record is None or parts is None:
                continue  # torn bytes: the record after them says so
            end, own = offset, parts[2]
            lines.append(ocsf.line_of({**record, "record_hash": own}, source))
            if len(lines) == BATCH:
                yield b"".join(lines), end, own, len(lines)
                lines = []
        if lines:
            yield b"".join(lines), end, own, len(lines)


def _source(first: bytes) -> ocsf.Source:
    """What the journal's first record says of it."""
    record, parts = parse(first), columns(first.removesuffix(b"\n"))
    if record is None or parts is None:
        return ocsf.Source("unknown")
    host, uid = record.get("host"), record.get("uid")
    return ocsf.Source(parts[2][:16], host if isinstance(host, str) else "unknown", "" if uid is None else str(uid))


def _check(path: str, fd: int, cursor: Cursor) -> None:
    tail = f"\t{cursor.hash}\n".encode("ascii")
    if cursor.offset and os.pread(fd, len(tail), max(0, cursor.offset - len(tail))) != tail:
        raise ConfigError(
            f"the cursor does not belong to {path}: the journal was replaced or cut off since",
            "`secretguard audit verify` says what happened to it; without the cursor file all of it is exported again",
        )


def _lock(path: str) -> int:
    try:
        fd = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ConfigError(f"{path}.lock: {error.strerror}", "the cursor's folder must be writable") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise ConfigError(f"another export is using {path}", "let it finish; each destination has its own") from None
    return fd


def _load(path: str) -> Cursor:
    try:
        with open(path, "rb") as file:
            found = loads(file.read(MAX_CURSOR))
    except FileNotFoundError:
        return Cursor()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except JsonError:
        found = None
    names = [field.name for field in dataclasses.fields(Cursor)]
    if not isinstance(found, dict) or sorted(found) != sorted(names):
        raise ConfigError(f"{path} is no cursor", "remove it to export everything again")
    numbers = [found["offset"], found["inode"], found["size"]]
    own = found["hash"]
    if not all(type(n) is int and n >= 0 for n in numbers) or not isinstance(own, str) or not own.isascii():
        raise ConfigError(f"{path} is no cursor", "remove it to export everything again")
    return Cursor(**found)


def _save(path: str, cursor: Cursor) -> None:
    fresh = f"{path}.new"  # one name is enough: the lock is held
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.write(fd, dumps(dataclasses.asdict(cursor)).encode("ascii"))
        os.fsync(fd)
    finally:
        os.close(fd)
    os.replace(fresh, path)
