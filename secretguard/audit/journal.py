"""The guard's audit journal: one file, many short-lived writers, each record chained to the one before. Hot path.

An append, in this order:
  1 lock      `flock` on a side file, with a deadline
  2 settle    compare head file and journal: catch up after a crash, find a torn or a cut-off end
  3 write     what settling found, then the record, in one `write`; a short write is a failure
  4 head      the head file, under the same lock
  5 unlock
  6 sync      `fdatasync` by the event's durability class, outside of the lock, so that the kernel can merge flushes

Nothing is ever cut or rewritten: a torn end stays where it is and a record says so. What this chain can and cannot
show against someone with this user's rights is said in `audit/verify.py`.
"""

from __future__ import annotations

import fcntl
import os
import time

from secretguard.audit.head import Head
from secretguard.audit.head import read as read_head
from secretguard.audit.head import write as write_head
from secretguard.audit.line import VERSION, follows, seal
from secretguard.audit.vocabulary import OBSERVE, durability
from secretguard.errors import GuardError, RecordError
from secretguard.keyed import sha256, sha256_hex
from secretguard.places import private_dir, state_dir
from secretguard.platforms.here import sync_data
from secretguard.rawjson import dumps

FILE, HEAD, LOCK, MISSED = "journal.jsonl", "journal.head", "journal.lock", "journal.missed"
MAX_RECORD = 32 * 1024
"""Bytes of one record's JSON; larger fields are replaced by their length and digest."""

MAX_FIELDS = MAX_RECORD - 256
"""What is left of a record beside its envelope."""

LOCK_SECONDS = 1.0
ENVELOPE = ("v", "seq", "time", "event")
_PLAIN = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Journal:
    """The journal in `directory` (made with mode 0700). Safe to use from several processes; one append at a time each.

    `lock_seconds` bounds the wait for other writers.
    """

    __slots__ = ("_directory", "_lock_seconds")

    def __init__(self, directory: str, lock_seconds: float = LOCK_SECONDS) -> None:
        self._directory = directory
        self._lock_seconds = lock_seconds

    def append(self, event: str, fields: dict[str, object]) -> None:
        """Record one event of the vocabulary; durable as its class demands when this returns.

        `fields` must be JSON, without secrets, and must not name the envelope (v, seq, time, event).
        Raises RecordError when the record is not certain to be there: the caller does not act. What could not be
        recorded is counted, and the count is recorded by the next append that works.
        """
        try:
            self._append(event, fields)
        except RecordError:
            self._count_missed()
            raise
        except OSError as error:
            self._count_missed()
            raise RecordError(
                f"the audit record in {self._directory} could not be written: {error.strerror}",
                "free space on that disk or mend its permissions, then try again",
            ) from None
        except GuardError as error:
            raise RecordError(error.message, error.fix) from None

    def _append(self, event: str, fields: dict[str, object]) -> None:
        try:
            synced = durability(event) != OBSERVE
        except KeyError:
            raise RecordError(f"{event!r} is not in the audit vocabulary") from None
        body = _body(event, fields)
        private_dir(self._directory)
        lock = self._lock()
        try:
            fd = self._open(FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT)
            try:
                fresh = self._write(fd, [*self._missed(), (event, body)])
                os.close(lock)  # 5 unlock
                lock = -1
                if synced or fresh:
                    sync_data(fd)
                if fresh:
                    self._sync_directory()
            finally:
                os.close(fd)
        finally:
            if lock >= 0:
                os.close(lock)

    def _write(self, fd: int, records: list[tuple[str, str]]) -> bool:
        """Steps 2 to 4 under the lock; whether the journal is a new one."""
        known = read_head(self._path(HEAD))
        found, start, notes = self._settle(fd, known)
        if found.seq == 0:
            host = os.uname().nodename
            notes.insert(0, ("journal:file:started", _body("", {"format": VERSION, "host": host, "uid": os.getuid()})))
            write_head(self._path(HEAD), known or Head())  # before the first record, so that it is never missing
        data, head = _lines([*notes, *records], found, start)
        written = os.write(fd, data)
        if written != len(data):
            raise RecordError("the audit record was written in part: the disk is full", "free space on that disk")
        write_head(self._path(HEAD), head)
        self._forget_missed()
        return found.seq == 0

    def _settle(self, fd: int, known: Head | None) -> tuple[Head, bytes, list[tuple[str, str]]]:
        """Step 2: the record that the next one follows, the bytes that end a broken line, what is to be recorded."""
        size = os.fstat(fd).st_size
        if known and known.size == size and _ends_with(fd, known):
            return known, b"", []
        behind = known is not None and known.size <= size and _ends_with(fd, known)
        start = known if known and behind else Head()
        ended = size == 0 or os.pread(fd, 1, size - 1) == b"\n"
        closing = b"" if ended else b"\n"
        found, torn, digest = _walk(fd, start, closing)
        notes = []
        if torn:
            notes.append(("journal:tail:torn", _body("", {"bytes": torn, "sha256": digest})))
        if not behind and (known or size or os.path.lexists(self._path(HEAD))):
            expected = known.fields() if known else {}
            notes.append(("journal:head:mismatch", _body("", {"expected": expected, "found": found.fields()})))
        return Head(found.seq, found.hash, size), closing, notes

    def _lock(self) -> int:
        fd = self._open(LOCK, os.O_RDWR | os.O_CREAT)
        deadline = time.monotonic() + self._lock_seconds
        pause = 0.0002
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return fd
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(fd)
                    raise RecordError(
                        f"another process has held {self._path(LOCK)} for more than {self._lock_seconds} s",
                        "end the process that holds it (`fuser` names it) and try again",
                    ) from None
            except OSError:
                os.close(fd)
                raise
            time.sleep(pause)
            pause = min(pause * 1.5, 0.002)

    def _open(self, name: str, flags: int) -> int:
        path = self._path(name)
        fd = os.open(path, flags | _PLAIN, 0o600)
        info = os.fstat(fd)
        if info.st_uid != os.geteuid() or info.st_mode & 0o077 or info.st_mode & 0o170000 != 0o100000:
            os.close(fd)
            raise RecordError(
                f"{path} is not a file private to this user", f"chown it to uid {os.geteuid()}, chmod 600"
            )
        return fd

    def _path(self, name: str) -> str:
        return os.path.join(self._directory, name)

    def _sync_directory(self) -> None:
        fd = os.open(self._directory, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def _count_missed(self) -> None:
        """One byte for each record that could not be written. Where even that fails, the caller's refusal remains."""
        try:
            fd = self._open(MISSED, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        except (OSError, GuardError):
            return
        try:
            os.write(fd, b".")
        except OSError:
            return
        finally:
            os.close(fd)

    def _missed(self) -> list[tuple[str, str]]:
        try:
            count = os.lstat(self._path(MISSED)).st_size
        except OSError:
            return []
        return [("journal:record:missing", _body("", {"count": count}))] if count else []

    def _forget_missed(self) -> None:
        try:
            os.unlink(self._path(MISSED))
        except OSError:
            return  # there was none


def user_journal() -> Journal:
    """This user's journal: `audit` in the state directory."""
    return Journal(os.path.join(state_dir(), "audit"))


def _body(event: str, fields: dict[str, object]) -> str:
    """The record's own fields as JSON, at most MAX_FIELDS characters. `event` is for the message alone."""
    for name in fields:
        if type(name) is not str or name in ENVELOPE:
            raise RecordError(f"{event}: a field may not be named {name!r}")
    try:
        sizes = {name: len(dumps(value)) for name, value in fields.items()}
        kept = dict(fields)
        names = sum(len(dumps(name)) + 2 for name in fields)
        for name in sorted(sizes, key=lambda name: -sizes[name]):
            if names + sum(sizes.values()) <= MAX_FIELDS:
                break
            kept[name] = {"omitted_bytes": sizes[name], "sha256": sha256_hex(dumps(fields[name]).encode("ascii"))}
            sizes[name] = len(dumps(kept[name]))
        body = dumps(kept)
    except (TypeError, ValueError, RecursionError) as error:
        raise RecordError(f"{event}: a field is not JSON ({type(error).__name__})") from None
    if len(body) > MAX_FIELDS:
        raise RecordError(f"{event}: more than {MAX_RECORD} bytes in too many fields")
    return body


def _lines(records: list[tuple[str, str]], head: Head, start: bytes) -> tuple[bytes, Head]:
    """The bytes to append for `records` (event, fields as JSON) after `head`, and the head after them."""
    now = _now()
    data = start
    seq, prev = head.seq, head.hash
    for event, fields in records:
        seq += 1
        rest = fields[1:] if fields == "{}" else "," + fields[1:]
        line, prev = seal(f'{{"v":{VERSION},"seq":{seq},"time":"{now}","event":"{event}"{rest}', prev)
        data += line
    return data, Head(seq, prev, head.size + len(data))


def _now() -> str:
    """RFC 3339, UTC, milliseconds."""
    seconds, milliseconds = divmod(time.time_ns() // 1_000_000, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{milliseconds:03d}Z"


def _ends_with(fd: int, head: Head) -> bool:
    """Whether the journal holds, just before `head.size`, the end of the record that `head` names."""
    if head.seq == 0:
        return head.size == 0
    tail = f"\t{head.hash}\n".encode("ascii")
    return os.pread(fd, len(tail), max(0, head.size - len(tail))) == tail


def _walk(fd: int, start: Head, closing: bytes) -> tuple[Head, int, str]:
    """(last record that follows from `start`, number and digest of the bytes after it, `closing` included).

    A whole record that lacks only its newline counts as a record.
    """
    seq, prev, size = start.seq, start.hash, start.size
    with open(os.dup(fd), "rb") as file:
        file.seek(size)
        while line := file.readline(2 * MAX_RECORD):
            own = follows(line.removesuffix(b"\n"), prev, seq + 1)
            if not own:
                break
            seq, prev, size = seq + 1, own, size + len(line)
        torn, digest = 0, sha256()
        while line:
            torn += len(line)
            digest.update(line)
            line = file.read(65536)
    if torn:
        torn += len(closing)
        digest.update(closing)
    return Head(seq, prev, size), torn, str(digest.hexdigest())
