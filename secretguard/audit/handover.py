"""Hand the guard's records to the broker, out of a sandbox whose disk dies with it: through `task.sock`, in order.

What goes out is this task's own: records that claim it, and the journal's about itself. How far it has come is kept
beside the journal; a record that was sent twice because an answer was lost is one record to whoever reads it (it has
the number and time of the first). One process at a time; whoever comes meanwhile leaves it to the one that is at it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import http.client
import os
import socket
from collections import deque
from collections.abc import Iterator, Mapping

from secretguard.audit import reader
from secretguard.audit.record import Record, number_of
from secretguard.errors import ConfigError, GuardError
from secretguard.places import state_dir
from secretguard.rawjson import JsonError, dumps, loads
from secretguard.whole_file import replace

SECONDS = 30.0
"""Longest that a hand-over by the hook's child takes; one request has a third of it."""
BATCH, MAX_BODY, MAX_RECORD = 20, 12 * 1024, 8 * 1024
"""Records of one request, their bytes together, bytes of one: below what `task.sock` and broker accept."""
_MAX_ANSWER = 64 * 1024
_CURSOR, _LOCK = "handed-over", "handed-over.lock"
_KEPT = ("v", "seq", "time", "event", "client", "session_id", "tool_use_id", "prompt_id", "tool", "claimed_task")
_FULL, _NOT_UNDERSTOOD = 429, 400


@dataclasses.dataclass(frozen=True)
class Handed:
    """`count` records were taken; `left` were not, and `why` says why not ("" where none are left). `refused` were
    passed over: a broker of another version does not understand them, and what follows them must not wait for that."""

    count: int
    left: int
    why: str = ""
    refused: int = 0


def journal() -> str:
    """The folder of this user's journal."""
    return os.path.join(state_dir(), "audit")


def hand_over(directory: str, socket_path: str, task: str) -> Handed:
    """Send what the broker does not have yet. Raises ConfigError when there is no journal, GuardError when the folder
    cannot be written."""
    count = refused = 0
    while True:
        with _alone(directory) as mine:
            if not mine:
                return Handed(count, 0, "another process is handing over", refused)
            done = _send_all(directory, socket_path, task)
        count, refused = count + done.count, refused + done.refused
        if done.why or not _waiting(directory, task, _cursor(directory, task)[0]):
            return Handed(count, done.left, done.why, refused)


def _send_all(directory: str, socket_path: str, task: str) -> Handed:
    seq, full = _cursor(directory, task)
    waiting = _waiting(directory, task, seq)
    if full:
        return Handed(0, len(waiting), "the broker keeps no more of this task")
    count = refused = doubtful = 0
    words = ""
    batches = deque(_batches(waiting))
    while batches:
        batch = batches.popleft()
        status, why = post(socket_path, "/v1/events", {"records": batch})
        if status == _NOT_UNDERSTOOD and len(batch) > 1:
            batches.extendleft([record] for record in reversed(batch))
            continue
        if status == _NOT_UNDERSTOOD:  # passed over when a later one is taken: else it is not the record's fault
            doubtful, words = doubtful + 1, why
            continue
        if status != 201:
            _keep(directory, task, seq, full=status == _FULL)
            return Handed(count, len(waiting) - count - refused, why, refused)
        count, refused, doubtful = count + len(batch), refused + doubtful, 0
        seq = number_of(batch[-1], "seq")
        _keep(directory, task, seq)
    return Handed(count, doubtful, words if doubtful else "", refused)


def _waiting(directory: str, task: str, after: int) -> list[Record]:
    return [
        record
        for record in reader.records(directory)
        if number_of(record, "seq") > after
        and (record.get("claimed_task") == task or str(record.get("event")).startswith("journal:"))
    ]


def _batches(records: list[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in map(_fitting, records):
        length = len(dumps(record)) + 1
        if batch and (len(batch) == BATCH or size + length > MAX_BODY):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += length
    if batch:
        yield batch


def _fitting(record: Record) -> Record:
    """The record, or what identifies it and how large it was."""
    length = len(dumps(record))
    if length <= MAX_RECORD:
        return record
    return {**{name: record[name] for name in _KEPT if name in record}, "cut_from_bytes": length}


class _Connection(http.client.HTTPConnection):
    """To the task socket; its host's name is of no meaning."""

    def __init__(self, path: str) -> None:
        super().__init__("task", timeout=SECONDS / 3)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def post(socket_path: str, path: str, body: Mapping[str, object]) -> tuple[int, str]:
    """One call of `task.sock`: the status, 0 for no answer; and the refusal's own words."""
    connection = _Connection(socket_path)
    try:
        connection.request("POST", path, dumps(dict(body)), {"Content-Type": "application/json"})
        response = connection.getresponse()
        said = loads(response.read(_MAX_ANSWER))
    except (OSError, http.client.HTTPException, JsonError) as error:
        return 0, f"the task socket did not answer: {type(error).__name__}"
    finally:
        connection.close()
    detail = said.get("detail") if isinstance(said, dict) else None
    return response.status, detail if isinstance(detail, str) else f"status {response.status}"


def _cursor(directory: str, task: str) -> tuple[int, bool]:
    """The last record that the broker has of `task`, and whether it takes no more."""
    try:
        with open(os.path.join(directory, _CURSOR), "rb") as file:
            words = file.read(200).decode("ascii", "replace").split()
    except OSError:
        return 0, False
    if len(words) != 3 or words[0] != task or not words[1].isdigit():
        return 0, False
    return int(words[1]), words[2] == "full"


def _keep(directory: str, task: str, seq: int, full: bool = False) -> None:
    path = os.path.join(directory, _CURSOR)
    try:
        said = f"{task} {seq} {'full' if full else 'open'}\n"
        replace(path, said.encode("ascii"), fresh=f"{path}.new")  # one name is enough: the lock is held
    except OSError as error:
        raise GuardError(f"{path} cannot be written: {error.strerror}", "free space on that disk") from None


@contextlib.contextmanager
def _alone(directory: str) -> Iterator[bool]:
    try:
        fd = os.open(os.path.join(directory, _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ConfigError(f"{directory}: {error.strerror}", "nothing was recorded there yet") from None
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(fd)
