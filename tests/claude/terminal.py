"""A person at a terminal, as a script: wait until something is on the screen, look around, press keys."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.claude.screen import COLUMNS, ROWS, Screen

DEADLINE = 30.0
"""Seconds that the program has to show what a step waits for."""
QUIET = 0.2
"""Seconds without output after which a picture counts as drawn."""
QUESTIONS = {b"\x1b[6n": b"\x1b[1;1R", b"\x1b[c": b"\x1b[?62c"}
"""What a program asks of its terminal, and what a terminal says."""

Step = tuple[str, str]
"""(words that must be on the screen, keys to press then)."""


class NotShown(Exception):
    """The program never showed what a step waits for; the message holds what it showed instead."""


class Terminal:
    """A program in a terminal of its own; a context manager that leaves nothing running."""

    def __init__(self, command: list[str], work: Path, environment: dict[str, str]) -> None:
        self.screen = Screen()
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            command, cwd=work, env=environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *exception: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        os.close(self._master)

    def until(self, words: str) -> None:
        """Read until `words` are on the screen and the picture is drawn. Raises NotShown."""
        end = time.monotonic() + DEADLINE
        while words not in self.screen.words:
            if time.monotonic() > end or not self._read(0.5):
                raise NotShown(f"waited for {words!r}, and saw:\n{self.screen.text}")
        end = time.monotonic() + 2
        while time.monotonic() < end and self._read(QUIET) == _SOME:
            pass

    def press(self, keys: str) -> None:
        """Press `keys`, all at once."""
        os.write(self._master, keys.encode())

    def _read(self, seconds: float) -> int:
        """Take what the program prints: _SOME, _NOTHING within `seconds`, or _ENDED."""
        if not select.select([self._master], [], [], seconds)[0]:
            return _NOTHING
        try:
            printed = os.read(self._master, 65536)
        except OSError:  # Linux: the last holder of the other side is gone
            return _ENDED
        self.screen.write(self._text.decode(printed))
        for question, said in QUESTIONS.items():
            if question in printed:
                os.write(self._master, said)
        return _SOME if printed else _ENDED


_ENDED, _NOTHING, _SOME = 0, 1, 2


def follow(terminal: Terminal, steps: Iterable[Step], look: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
    """Carry out `steps`; what `look` sees at each one, before its keys, and the screen. Raises NotShown."""
    seen = []
    for words, keys in steps:
        terminal.until(words)
        seen.append({"screen": terminal.screen.words, **look()})
        terminal.press(keys)
    return seen
