"""A person's terminal for one screen: keys one by one, a picture at a time, and everything put back at the end."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from secretguard.errors import ConfigError
from secretguard.triage.keys import END, Keys

TICK = 0.5
"""Seconds between two looks at the window's size while nothing is pressed."""

ESCAPE_WAIT = 0.05
"""Seconds in which the rest of an escape sequence comes; after them it was the escape key."""

REDRAW = "redraw"
"""As a key: the window has another size, or the program was stopped and goes on."""

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"


class Terminal:
    """Standard input and output as a screen of its own; a context manager.

    What comes after it finds the terminal as it was, whether the block ends, fails or is told to end (SIGTERM, SIGHUP).
    """

    def __init__(self) -> None:
        if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
            fix = "without one: secretguard baseline accept FILE --finding PATH:LINE --why TEXT"
            raise ConfigError("this is for a terminal that can draw", fix)
        self._in, self._out = sys.stdin.fileno(), sys.stdout.fileno()
        self._keys, self._waiting = Keys(), list[str]()
        self._size = (0, 0)
        self._stopped = False
        self._before: list[Any] = []
        self._handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Terminal:
        self._before = termios.tcgetattr(self._in)
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, _end)
        self._handlers[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._stop)
        try:
            self._enter()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the window."""
        columns, rows = os.get_terminal_size(self._out)
        return (columns, rows) if columns and rows else (80, 24)  # a terminal that was never told its size

    def draw(self, lines: list[str]) -> None:
        """Show `lines` from the top; they fit into the window."""
        self._size = self.size
        self._write("\x1b[H" + "\x1b[K\r\n".join(lines) + "\x1b[K\x1b[J")

    def key(self) -> str:
        """The next key, END when the input has ended, or REDRAW."""
        while not self._waiting:
            if self._stopped or self.size != self._size:
                self._stopped = False
                return REDRAW
            unfinished = self._keys.unfinished
            if select.select([self._in], [], [], ESCAPE_WAIT if unfinished else TICK)[0]:
                self._waiting += self._pressed()
            elif unfinished:
                self._waiting += self._keys.flush()
        return self._waiting.pop(0)

    def _pressed(self) -> list[str]:
        try:
            data = os.read(self._in, 1024)
        except OSError:  # the window was closed
            data = b""
        return self._keys.feed(data) if data else [END]

    @contextmanager
    def lent(self) -> Iterator[None]:
        """The terminal as it was before, for another program."""
        self._leave()
        # Ctrl-Z and Ctrl-C are for the program that has it; a handler, unlike "ignored", is not handed on to it
        before = [(number, signal.getsignal(number)) for number in (signal.SIGTSTP, signal.SIGINT)]
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.signal(signal.SIGINT, lambda *_: None)
        try:
            yield
        finally:
            for number, handler in before:
                signal.signal(number, handler)
            self._enter()

    def _enter(self) -> None:
        tty.setcbreak(self._in)
        self._write(_ENTER)

    def _leave(self) -> None:
        with suppress(OSError, termios.error):  # where the window is gone there is nothing to put back
            self._write(_LEAVE)
            termios.tcsetattr(self._in, termios.TCSADRAIN, self._before)

    def _stop(self, *_: object) -> None:
        self._leave()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._enter()
        self._stopped = True

    def _write(self, text: str) -> None:
        data = text.encode(sys.stdout.encoding or "utf-8", "replace")
        while data:
            data = data[os.write(self._out, data) :]


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
