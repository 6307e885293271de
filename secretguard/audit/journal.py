"""The guard's audit journal: many short-lived writers, each record chained to the one before. Hot path.

An append, in this order:
  1 lock      `flock` on a side file, with a deadline
  2 settle    compare head file and journal: catch up after a crash, find a torn or a cut-off end
  3 write     what settling found, then the record, in one `write`; a short write is a failure
  4 head      the head file, under the same lock
  5 unlock
  6 sync      `fdatasync` by the event's durability class, outside of the lock, so that the kernel can merge flushes

A file that has grown large is closed: renamed after its last record. The next one goes on with the chain; its first
record names the journal. A writer that is stopped in between leaves a head file that names the end of the closed file:
the next one begins the new file.

Nothing is cut here, nor rewritten: a torn end stays where it is and a record says so. What this chain can and cannot
show against someone with this user's rights is said in `audit/verify.py`.
"""

from __future__ import annotations

import fcntl
import os
import time

from secretguard.audit.fields import ENVELOPE as ENVELOPE
from secretguard.audit.fields import MAX_RECORD as MAX_RECORD
from secretguard.audit.fields import body as _body
from secretguard.audit.head import ACTIVE, Head
from secretguard.audit.head import read as read_head
from secretguard.audit.head import write as write_head
from secretguard.audit.line import LONGEST, VERSION, follows, seal
from secretguard.audit.vocabulary import OBSERVE, durability
from secretguard.errors import GuardError, RecordError
from secretguard.keyed import sha256
from secretguard.places import private_dir, state_dir

FILE, HEAD, LOCK, MISSED = ACTIVE, "journal.head", "journal.lock", "journal.missed"
SEGMENT_BYTES = 8 * 1024 * 1024
"""A file of this size is closed before the next record."""

LOCK_SECONDS = 1.0
_PLAIN = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Journal:
    """The journal in `directory` (made with mode 0700). Safe to use from several processes; one append at a time each.

    `lock_seconds` bounds the wait for other writers.
    """

    __slots__ = ("_directory", "_lock_seconds", "_segment_bytes")

    def __init__(self, directory: str, lock_seconds: float = LOCK_SECONDS, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._directory = directory
        self._lock_seconds = lock_seconds
        self._segment_bytes = segment_bytes

    def append(self, event: str, fields: dict[str, object]) -> None:
        """Record one event of the vocabulary; durable as its class demands when this returns.

        `fields` must be JSON, without secrets, and must not name the envelope (v, seq, time, event).
        Raises RecordError when the record is not certain to be there: the caller does not act. What could not be
        recorded is counted, and the count is recorded by the next append that works.
        """
        self._guarded(event, fields)

    def close_segment(self) -> None:
        """Close the file that is written, whatever its size, and begin the next. Raises RecordError."""
        self._guarded("", {})

    def _guarded(self, event: str, fields: dict[str, object]) -> None:
        """`event` is empty when only the file is to be closed."""
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
            synced = not event or durability(event) != OBSERVE
        except KeyError:
            raise RecordError(f"{event!r} is not in the audit vocabulary") from None
        records = [(event, _body(event, fields))] if event else []
        private_dir(self._directory)
        lock = self._lock()
        try:
            fd = self._file(0 if records else 1)
            try:
                fresh = self._write(fd, records)
                os.close(lock)  # 5 unlock
                lock = -1
                if synced or fresh:
                    _sync(fd)
                if fresh:
                    self._sync_directory()
            finally:
                os.close(fd)
        finally:
            if lock >= 0:
                os.close(lock)

    def _file(self, least: int) -> int:
        """The file to write, open; one that is at least `least` bytes long (0: a segment) has been closed before.

        It is closed only when it ends where the head file says: whatever else is the matter is settled first.
        """
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        fd = self._open(FILE, flags)
        try:
            size = os.fstat(fd).st_size
            if size < (least or self._segment_bytes):
                return fd
            known = read_head(self._path(HEAD))
            if not known or known.size != size or not _ends_with(fd, known):
                return fd
            from secretguard.audit.segments import closed_path  # one record in thousands

            path = closed_path(self._directory, known.seq)
            if os.path.lexists(path):
                return fd  # nothing is overwritten; this one grows on
            _sync(fd)
            os.rename(self._path(FILE), path)
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        return self._open(FILE, flags)

    def _write(self, fd: int, records: list[tuple[str, str]]) -> bool:
        """Steps 2 to 4 under the lock; whether the file is a new one."""
        known, missed = read_head(self._path(HEAD)), self._missed()
        found, start, notes, fresh = self._settle(fd, known)
        if fresh:
            notes.insert(0, self._first(found))
        if found.seq == 0:
            write_head(self._path(HEAD), known or Head())  # before the first record, so that it is never missing
        if missed:
            notes.append(("journal:record:missing", _body("", {"count": missed})))
        if not notes and not records:
            return False
        data, head = _lines([*notes, *records], found, start)
        written = os.write(fd, data)
        if written != len(data):
            raise RecordError("the audit record was written in part: the disk is full", "free space on that disk")
        write_head(self._path(HEAD), head)
        if missed:
            self._forget_missed(missed)
        return fresh

    def _first(self, found: Head) -> tuple[str, str]:
        """The record that begins a file: the journal's first, or the one that goes on after record `found`."""
        here: dict[str, object] = {"format": VERSION, "host": os.uname().nodename, "uid": os.getuid()}
        if found.seq == 0:
            return "journal:file:started", _body("", here)
        from secretguard.audit.segments import closed_path, journal_of

        before = closed_path(self._directory, found.seq)
        here.update(journal=journal_of(before), before=os.path.basename(before))
        return "journal:segment:started", _body("", here)

    def _settle(self, fd: int, known: Head | None) -> tuple[Head, bytes, list[tuple[str, str]], bool]:
        """Step 2: the record that the next one follows, the bytes that end a broken line, what is to be recorded,
        whether the file has no record yet."""
        size = os.fstat(fd).st_size
        if known and known.size == size and _ends_with(fd, known):
            return known, b"", [], known.seq == 0
        behind = known is not None and known.size <= size and _ends_with(fd, known)
        start, expected = (known, True) if known and behind else self._start(known)
        ended = size == 0 or os.pread(fd, 1, size - 1) == b"\n"
        closing = b"" if ended else b"\n"
        found, torn, digest = _walk(fd, start, closing)
        notes = []
        if torn:
            notes.append(("journal:tail:torn", _body("", {"bytes": torn, "sha256": digest})))
        if not expected and (known or size or os.path.lexists(self._path(HEAD))):
            stated = known.fields() if known else {}
            notes.append(("journal:head:mismatch", _body("", {"expected": stated, "found": found.fields()})))
        fresh = start.size == 0 and found.seq == start.seq
        return Head(found.seq, found.hash, size), closing, notes, fresh

    def _start(self, known: Head | None) -> tuple[Head, bool]:
        """What the first record of the file follows, and whether the head file says so, too: a writer was stopped
        after it had closed the file before."""
        from secretguard.audit.segments import closed, closed_path, end_of

        if known and known.seq:
            end = end_of(closed_path(self._directory, known.seq), known.seq)
            if end and (end.hash, end.size) == (known.hash, known.size):
                return Head(end.seq, end.hash), True
        for last, path in reversed(closed(self._directory)):
            end = end_of(path, last)
            if end:
                return Head(end.seq, end.hash), False
        return Head(), False

    def _lock(self) -> int:
        fd = self._open(LOCK, os.O_RDWR | os.O_CREAT)
        try:
            held = _take(fd, self._lock_seconds)
        except BaseException:
            os.close(fd)
            raise
        if held:
            return fd
        os.close(fd)
        raise RecordError(
            f"another process has held {self._path(LOCK)} for more than {self._lock_seconds} s",
            "end the process that holds it (`fuser` names it) and try again",
        )

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
            try:
                os.write(fd, b".")
            except OSError:  # a hole needs no space: the count survives a full disk
                os.ftruncate(fd, os.fstat(fd).st_size + 1)
        except OSError:
            return
        finally:
            os.close(fd)

    def _missed(self) -> int:
        try:
            return os.lstat(self._path(MISSED)).st_size
        except OSError:
            return 0

    def _forget_missed(self, count: int) -> None:
        """Only what was recorded: another writer, which does not hold the lock, may have counted one more."""
        try:
            if self._missed() == count:
                os.unlink(self._path(MISSED))
        except OSError:
            return  # it is counted again, by the next record: rather too many than too few


def user_journal() -> Journal:
    """This user's journal: `audit` in the state directory."""
    return Journal(os.path.join(state_dir(), "audit"))


waiting: dict[tuple[int, int], int] | None = None
"""While several decisions share one wait for the disk (`audit/together.py`): what is to be waited for, by device and
inode. None, as ever: each append waits by itself."""


def _sync(fd: int) -> None:
    if waiting is not None:
        info = os.fstat(fd)
        if (info.st_dev, info.st_ino) not in waiting:
            waiting[info.st_dev, info.st_ino] = os.dup(fd)
        return
    from secretguard.platforms.here import sync_data  # not for what is only observed

    sync_data(fd)


def _take(fd: int, seconds: float) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        from secretguard.audit.lock import lock  # only where somebody is ahead of us

        return lock(fd, seconds)
    return True


def _lines(records: list[tuple[str, str]], head: Head, start: bytes) -> tuple[bytes, Head]:
    """The bytes to append for `records` (event, fields as JSON) after `head`, and the head after them."""
    now = _now()
    data = start
    seq, prev = head.seq, head.hash
    for event, fields in records:
        seq += 1
        line, prev = seal(seq, now, event, fields, prev)
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

    `start.size` is where to begin in this file. A whole record that lacks only its newline counts as a record.
    """
    seq, prev, size = start.seq, start.hash, start.size
    with open(os.dup(fd), "rb") as file:
        file.seek(size)
        while line := file.readline(LONGEST):
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
