"""Work shared out over forked processes: what each has to say comes back over a pipe, in frames, as it is said.

Forked, so that a loaded pack is shared and nothing is sent to a worker. A worker that dies fails the whole: a part of
the work would be missing from the result.
"""

from __future__ import annotations

import os
import select
import signal
import struct
from collections.abc import Callable, Generator, Iterator

from secretguard.errors import GuardError

Say = Callable[[bytes], None]
Work = Callable[[int, Say], None]

_FRAME = struct.Struct("<Q")


def fan_out(count: int, work: Work) -> Generator[bytes]:
    """Run `work(number, say)` in `count` processes, numbers from 0; whatever they `say`, in order of arrival.

    Raises GuardError when one of them ends before its work does. Processes are ended when the iterator is closed.
    """
    running: dict[int, tuple[int, bytearray]] = {}
    try:
        for number in range(count):
            pid, pipe = _start(number, work)
            running[pipe] = (pid, bytearray())
        while running:
            for pipe in select.select(list(running), [], [])[0]:
                yield from _read(running, pipe)
    finally:
        for pipe, (pid, _) in running.items():
            os.kill(pid, signal.SIGKILL)
            os.close(pipe)
            os.waitpid(pid, 0)


def _start(number: int, work: Work) -> tuple[int, int]:
    """A worker's process id, and the pipe on which its frames come; an empty frame is its last."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    status = 1
    try:
        os.close(reading)
        work(number, lambda data: _send(writing, data))
        _send(writing, b"")
        status = 0
    finally:
        os._exit(status)  # no clean-up of the parent's files, buffers and handlers in the child


def _read(running: dict[int, tuple[int, bytearray]], pipe: int) -> Iterator[bytes]:
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
            return
        yield frame


def _send(pipe: int, data: bytes) -> None:
    left = memoryview(_FRAME.pack(len(data)) + data)
    while left:
        left = left[os.write(pipe, left) :]


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
