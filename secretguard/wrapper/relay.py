"""Start a program with its output redacted, pass everything else through, end as it ends. Hot path.

Standard output and error are redacted each for itself, but where both go to one place, as one: their order is kept, and
a secret that is printed half here and half there is seen. When the program has ended while others that it started
still hold its output, a process of our own goes on redacting for them; nobody waits for it.
"""

from __future__ import annotations

import os
import select
from time import monotonic

from secretguard.wrapper import signals
from secretguard.wrapper.child import Child, end_as
from secretguard.wrapper.lane import Lane, why
from secretguard.wrapper.watch import Watcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from secretguard.wrapper.view import View

    OpenView = Callable[[], View | None]

NOT_FOUND, NOT_STARTED = 127, 126
"""Exit statuses of a program that could not be started, as a shell has them."""
_HANDED_DOWN, _HANDED_DOWN_AT_LAST = 0.03, 0.5
"""Seconds that are waited for output in flight once the program has ended and others hold its pipe."""


def run(words: list[str], open_view: OpenView) -> NoReturn:
    """Run `words` in place of this process: its output redacted, its end ours. Does not return.

    `open_view` gives what is hidden, None where nothing is to be. It is asked while the program starts; where it
    raises, the program runs all the same and its output is withheld.
    """
    woken = signals.listen()
    watcher = Watcher()
    pipes = [os.pipe(), os.pipe()][: 1 if _same_place() else 2]
    try:
        child = Child(words, pipes[0][1], pipes[-1][1])
    except OSError as error:
        watcher.dismiss()
        os.write(2, f"secretguard: {words[0]}: {error.strerror}\n".encode())
        os._exit(NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_STARTED)
    watcher.over(child.pid)
    _let_go_of_input()
    for _, write in pipes:
        os.close(write)
    lanes = _opened([read for read, _ in pipes], open_view)
    try:
        _relay(lanes, child, woken)
    except Exception as error:
        _withhold(lanes, error)
        _relay(lanes, child, woken)
    watcher.dismiss()
    _hand_down(lanes, child, woken)
    end_as(child.status or 0)


def copy(lane: Lane) -> None:
    """Carry a lane to its end: what pauses lets go what is safe, as a program's output does."""
    poll = select.poll()
    poll.register(lane.source, select.POLLIN)
    while not lane.over:
        wait = _shortest(None, lane.due())
        if not poll.poll(None if wait is None else 1 + int(wait * 1000)) or _took(lane):
            _tend(lane)


def _opened(sources: list[int], open_view: OpenView) -> list[Lane]:
    try:
        view = open_view()
        return [Lane(source, sink, view) for sink, source in enumerate(sources, start=1)]
    except Exception as error:
        lanes = [Lane(source, sink, None) for sink, source in enumerate(sources, start=1)]
        _withhold(lanes, error)
        return lanes


def _withhold(lanes: list[Lane], error: Exception) -> None:
    for lane in lanes:
        lane.withhold(why(error))


def _relay(lanes: list[Lane], child: Child, woken: int, to_the_last: bool = False) -> None:
    """Relay until the program has ended and nothing more comes; `to_the_last`: until nobody holds its output."""
    poll = select.poll()
    poll.register(woken, select.POLLIN)
    by_source = {lane.source: lane for lane in lanes if not lane.over}
    for source in by_source:
        poll.register(source, select.POLLIN)
    ended = None
    while by_source or child.status is None:
        wait = _shortest(child.tend(), *(lane.due() for lane in by_source.values()))
        if child.status is not None and not to_the_last:
            wait = _HANDED_DOWN
            ended = ended or monotonic()
            if monotonic() - ended > _HANDED_DOWN_AT_LAST:  # others hold its output, and never pause
                return
        ready = [descriptor for descriptor, _ in poll.poll(None if wait is None else 1 + int(wait * 1000))]
        if woken in ready:
            ready.remove(woken)
            child.heard(os.read(woken, 64))
        elif not ready and child.status is not None and not to_the_last:
            return
        for descriptor in ready:
            if not _took(by_source[descriptor]):
                poll.unregister(descriptor)
                del by_source[descriptor]
        for lane in by_source.values():
            _tend(lane)


def _shortest(pause: float | None, *dues: float | None) -> float | None:
    now = monotonic()
    waits = [pause, *(due - now for due in dues if due is not None)]
    return min((max(0.0, wait) for wait in waits if wait is not None), default=None)


def _took(lane: Lane) -> bool:
    """Read once from a lane; False when it is over, all of it written."""
    try:
        if lane.read():
            return True
        lane.close()
    except BrokenPipeError:
        pass
    lane.over = True
    os.close(lane.source)  # where nobody wants our output, the program is to hear of it as it would have without us
    return False


def _tend(lane: Lane, patient: bool = False) -> None:
    try:
        lane.tend(patient)
    except BrokenPipeError:
        return  # the next piece that is read finds it out, too


def _hand_down(lanes: list[Lane], child: Child, woken: int) -> None:
    """Where others still hold the output: show what there is, and let a process of our own go on for them."""
    left = [lane for lane in lanes if not lane.over]
    for lane in left:
        _tend(lane, patient=True)
    if not left or os.fork():
        return
    signals.ignore()
    try:
        _relay(left, child, woken, to_the_last=True)
    finally:
        os._exit(0)


def _same_place() -> bool:
    """Whether standard output and error are one file, terminal, pipe or socket."""
    out, err = os.fstat(1), os.fstat(2)
    return (out.st_dev, out.st_ino) == (err.st_dev, err.st_ino)


def _let_go_of_input() -> None:
    """Our input is the program's: whoever writes to it must hear when the program does not read it any more."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
