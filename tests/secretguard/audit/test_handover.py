"""The journal's way out of a sandbox: what goes, in which order, once; and what a bad socket does."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretguard.audit import handover
from secretguard.audit.handover import BATCH, MAX_BODY, MAX_RECORD, hand_over
from secretguard.audit.journal import Journal
from secretguard.errors import ConfigError, GuardError

TASK = "task-0123456789ab"


class TaskSocket:
    """A task socket that answers as told, in `statuses` one after the other, 201 at last; keeps what it was sent."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.statuses: list[int | bytes] = []
        self.batches: list[list[dict[str, object]]] = []
        self.exposed: list[dict[str, object]] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(8)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def records(self) -> list[dict[str, object]]:
        return [record for batch in self.batches for record in batch]

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-l")))
        while len(body) < length:
            body += connection.recv(65536)
        assert length <= 16 * 1024, "task.sock takes no more"
        if head.startswith(b"POST /v1/exposures "):
            self.exposed.append(json.loads(body))
            connection.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\n{}")
            return
        assert head.startswith(b"POST /v1/events ")
        status = self.statuses.pop(0) if self.statuses else 201
        if isinstance(status, bytes):
            connection.sendall(status)
            return
        if status == 201:
            self.batches.append(json.loads(body)["records"])
        said = json.dumps({"recorded": 1} if status == 201 else {"detail": "the words of the refusal"}).encode()
        connection.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(said), said))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[TaskSocket]:
    made = TaskSocket(tmp_path / "task.sock")
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "audit")


def note(folder: str, count: int = 1, **fields: object) -> None:
    """Records of the task, or of what `fields` say."""
    for number in range(count):
        Journal(folder).append("guard:command:allowed", {"claimed_task": TASK, "number": number, **fields})


def test_everything_of_the_task_goes_once_and_in_order(folder: str, served: TaskSocket) -> None:
    """Also what the journal says of itself; not what another task, or none, has recorded in the same place."""
    note(folder, 3)
    note(folder, claimed_task="task-ffff")
    Journal(folder).append("guard:command:allowed", {"number": 9})
    assert hand_over(folder, served.path, TASK).count == 4
    assert [record["event"] for record in served.records] == ["journal:file:started", *["guard:command:allowed"] * 3]
    assert [record.get("number") for record in served.records[1:]] == [0, 1, 2]
    assert hand_over(folder, served.path, TASK).count == 0
    note(folder)
    assert hand_over(folder, served.path, TASK).count == 1
    assert len(served.records) == 5


def test_requests_fit_the_socket(folder: str, served: TaskSocket) -> None:
    """A few records each, by number and by bytes; one that is too large goes as what identifies it."""
    note(folder, BATCH + 5)
    note(folder, 6, reason="x" * 4_000)
    note(folder, reason="x" * MAX_RECORD, session_id="s")
    assert hand_over(folder, served.path, TASK).left == 0
    assert all(len(batch) <= BATCH and len(json.dumps(batch)) < MAX_BODY + 2_000 for batch in served.batches)
    assert len(served.records) == BATCH + 5 + 6 + 1 + 1
    last = served.records[-1]
    assert (last["session_id"], "reason" in last, last["claimed_task"]) == ("s", False, TASK)
    assert last["cut_from_bytes"]


@pytest.mark.parametrize(
    "answer", [500, 401, b"", b"nonsense\r\n\r\n", b"HTTP/1.1 201 X\r\nContent-Length: 3\r\n\r\n{}}"]
)
def test_what_was_not_taken_is_sent_again(folder: str, served: TaskSocket, answer: int | bytes) -> None:
    """The answer's own words are told, and the next hand-over begins where this one ended."""
    note(folder, BATCH + 1)
    served.statuses = [201, answer]
    done = hand_over(folder, served.path, TASK)
    assert (done.count, done.left) == (BATCH, 2)
    assert done.why
    again = hand_over(folder, served.path, TASK)
    assert (again.count, again.left, again.why) == (2, 0, "")
    assert [record["seq"] for record in served.records] == list(range(1, BATCH + 3))


def test_a_record_that_is_not_understood_holds_up_no_other(folder: str, served: TaskSocket) -> None:
    """An older broker refuses a batch with an event that it does not know: the others go one by one, it is counted."""
    note(folder, BATCH + 4)
    served.statuses = [400, 201, 201, 400]
    done = hand_over(folder, served.path, TASK)
    assert done == handover.Handed(BATCH + 4, 0, refused=1)
    assert [record["seq"] for record in served.records] == [1, 2, *range(4, BATCH + 6)]
    assert hand_over(folder, served.path, TASK) == handover.Handed(0, 0)


def test_what_is_refused_without_end_stays_waiting(folder: str, served: TaskSocket) -> None:
    """Where nothing is taken it is not the records' fault: none is passed over."""
    note(folder, 3)
    served.statuses = [400] * 5
    assert hand_over(folder, served.path, TASK) == handover.Handed(0, 4, "the words of the refusal")
    assert hand_over(folder, served.path, TASK).count == 4


def test_a_broker_that_takes_no_more_is_not_asked_again(folder: str, served: TaskSocket) -> None:
    """Its cap is for the whole task: later records cost no further request."""
    note(folder)
    served.statuses = [429]
    assert hand_over(folder, served.path, TASK).why == "the words of the refusal"
    note(folder)
    done = hand_over(folder, served.path, TASK)
    assert (done.count, done.left, done.why) == (0, 3, "the broker keeps no more of this task")
    assert served.batches == []
    assert hand_over(folder, served.path, "task-ffff").why == "", "another task has a cap of its own"


def test_a_socket_that_is_not_there(folder: str, tmp_path: Path) -> None:
    """Nothing is lost: it is said, and can be handed over later."""
    note(folder)
    done = hand_over(folder, str(tmp_path / "none"), TASK)
    assert (done.count, done.left) == (0, 2)
    assert "did not answer" in done.why


def test_a_place_that_cannot_be_kept_is_said_and_loses_nothing(folder: str, served: TaskSocket) -> None:
    """A full disk, here a folder in the way: what was sent may go again, and is one record to whoever reads it."""
    note(folder)
    Path(folder, "handed-over.new").mkdir()
    with pytest.raises(GuardError):
        hand_over(folder, served.path, TASK)
    Path(folder, "handed-over.new").rmdir()
    assert hand_over(folder, served.path, TASK).left == 0
    assert [record["seq"] for record in served.records] == [1, 2, 1, 2]


def test_no_journal_is_said(tmp_path: Path) -> None:
    """A folder that is not there is no empty journal."""
    with pytest.raises(ConfigError):
        hand_over(str(tmp_path / "none"), "/x", TASK)


def test_one_process_at_a_time(folder: str, served: TaskSocket) -> None:
    """Who comes while another is at it leaves it to that one."""
    note(folder)
    fd = os.open(os.path.join(folder, "handed-over.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX)
    assert hand_over(folder, served.path, TASK).why == "another process is handing over"
    os.close(fd)
    assert hand_over(folder, served.path, TASK).count == 2


def test_what_comes_while_the_last_is_sent_is_not_left_behind(
    folder: str, served: TaskSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that was turned away has its record sent by the one that was at it."""
    note(folder)
    real, rounds = handover._send_all, []

    def sent(*arguments: str) -> handover.Handed:
        done = real(*arguments)
        if not rounds:
            note(folder)
        rounds.append(done.count)
        return done

    monkeypatch.setattr(handover, "_send_all", sent)
    assert hand_over(folder, served.path, TASK).count == 3
    assert rounds == [2, 1]


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"task-0123456789ab x open", b"task-0123456789ab 1", b"x" * 1000])
def test_a_damaged_cursor_begins_anew(folder: str, served: TaskSocket, text: bytes) -> None:
    """Twice is better than never: the broker's reader knows a record by its number."""
    note(folder)
    Path(folder, "handed-over").write_bytes(text)
    assert hand_over(folder, served.path, TASK).count == 2
