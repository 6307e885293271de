"""Signals that reach the wrapper and are meant for the program inside. Hot path."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C half: `signal` itself imports enum
import os

PASSED_ON = (_signal.SIGHUP, _signal.SIGINT, _signal.SIGQUIT, _signal.SIGTERM, _signal.SIGUSR1, _signal.SIGUSR2)
"""What a program may be sent from outside; everything else is between it and the kernel."""
FROM_KEYS = frozenset((_signal.SIGINT, _signal.SIGQUIT))
"""What a terminal sends by itself, to all of its foreground's processes."""
CHILD = int(_signal.SIGCHLD)
_RESTORED = (*PASSED_ON, _signal.SIGCHLD, _signal.SIGPIPE, _signal.SIGXFSZ)  # the last two Python ignores


def listen() -> int:
    """Take note of signals from here on; each is one byte, its number, in the pipe whose read end this is.

    One that was ignored stays ignored, here and in the program inside: `nohup` and a shell's `&` rely on it.
    """
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    for number in (*PASSED_ON, _signal.SIGCHLD):
        if _signal.getsignal(number) != _signal.SIG_IGN:
            _signal.signal(number, _noted)
    _signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    return read


def restored() -> list[int]:
    """The signals that a program which we start must find as if we were not there."""
    noted = [number for number in _RESTORED if _signal.getsignal(number) not in (_signal.SIG_IGN, _signal.SIG_DFL)]
    return [*noted, _signal.SIGPIPE, _signal.SIGXFSZ]


def ignore() -> None:
    """Ignore what others are sent: for a process that must outlive them for a moment."""
    _signal.set_wakeup_fd(-1)
    for number in PASSED_ON:
        _signal.signal(number, _signal.SIG_IGN)


def end_by(number: int) -> None:
    """End this process by signal `number`, without a core file: its memory holds what was to be hidden."""
    if number not in (_signal.SIGKILL, _signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP, _signal.SIGPIPE):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if number != _signal.SIGKILL:
        _signal.signal(number, _signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # a signal that ends nobody, as one that is blocked


def _noted(number: int, frame: object) -> None:
    """The wake-up pipe has it already."""
