"""The writers' lock with a deadline: `flock` that waits in the kernel, where waiters are woken in turn. Hot path.

A waiter that only tried now and then would be passed over by those that come while it sleeps. So it blocks, and a timer
ends the wait. The process has one such timer: whoever set it before (the hook has a deadline of its own) gets it back
with the time that is left, and is not made to wait longer than it had set.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C half: `signal` itself imports enum
import fcntl
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_AGAIN = 0.05
"""Seconds after which the timer fires again: a signal that comes just before the call blocks does not interrupt it."""

_PAUSE = 0.001


class _Expired(BaseException):
    """The wait is over. Not an Exception, so that no handler on the way swallows it."""


def lock(fd: int, seconds: float) -> bool:
    """Take the exclusive lock on the open file `fd`; False when others held it for `seconds`.

    After False it may or may not be held: close `fd`. Raises OSError where the file system has no locks.
    """
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        pass
    try:
        return _wait(fd, seconds)
    except ValueError:  # only the main thread may set a handler
        return _poll(fd, seconds)


def _wait(fd: int, seconds: float) -> bool:
    waiting = [True]
    before = _signal.signal(_signal.SIGALRM, _raiser(waiting))
    started = time.monotonic()
    left, again = _signal.getitimer(_signal.ITIMER_REAL)
    held = False
    try:
        _signal.setitimer(_signal.ITIMER_REAL, min(seconds, left or seconds), _AGAIN)
        fcntl.flock(fd, fcntl.LOCK_EX)
        held = True
        waiting.clear()
    except _Expired:
        held = False
    finally:
        waiting.clear()
        _signal.setitimer(_signal.ITIMER_REAL, 0)
        _signal.signal(_signal.SIGALRM, _signal.SIG_DFL if before is None else before)
        if left:
            _signal.setitimer(_signal.ITIMER_REAL, max(left - (time.monotonic() - started), 1e-6), again)
    return held


def _raiser(waiting: list[bool]) -> Callable[[int, object], None]:
    """A handler that ends the wait once; a signal after that does nothing."""

    def handler(signal: int, frame: object) -> None:  # noqa: ARG001 - the interpreter's form
        if waiting:
            waiting.clear()
            raise _Expired

    return handler


def _poll(fd: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() <= deadline:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(_PAUSE)
    return False
