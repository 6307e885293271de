"""One output of the program inside: read, redacted, written on; or withheld, never passed on raw. Hot path."""

from __future__ import annotations

import os
import select
from time import monotonic

from secretguard.errors import GuardError
from secretguard.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from secretguard.wrapper.view import View

PAUSE = 0.05
"""Seconds without output after which what is safe is let go."""
LONGEST_DELAY = 0.5
"""Seconds after which it is let go though the program never pauses."""
PATIENCE = 1.0
"""Seconds without output after which a harmless unfinished word is let go, too."""
PIECE = 1 << 16
"""Bytes read at once."""


class Lane:
    """From `source` to `sink`, two file descriptors. Redacted by `view`; None: nothing is to be replaced."""

    def __init__(self, source: int, sink: int, view: View | None) -> None:
        self.source = source
        self.over = False
        self._sink = sink
        self._view = view
        self._stream = Stream(view.scan, view.tags) if view else None
        self._recorded = 0
        self._why = ""
        self._withheld = 0
        self._heard = self._since = 0.0
        self._stage = 2  # 0: there is new text, 1: a pause was heeded, 2: so was a long one

    @property
    def withheld(self) -> str:
        """Why nothing is shown any more; "" where all is."""
        return self._why

    def withhold(self, why: str) -> None:
        """From here on nothing is shown: it is counted, and `close` says why."""
        self._why = self._why or why
        self._withheld += self._stream.held if self._stream else 0
        self._stream = None

    def read(self) -> bool:
        """Take what there is; False at the end. Raises BrokenPipeError when nobody wants our output any more."""
        data = os.read(self.source, PIECE)
        self.take(data)
        return bool(data)

    def take(self, data: bytes) -> None:
        """Take what was read of it. Raises BrokenPipeError as `read` does."""
        if self._why:
            self._withheld += len(data)
        elif self._stream is None:
            self._raw(data)
        elif data:
            self._heard = monotonic()
            if self._stage:
                self._stage, self._since = 0, self._heard
            self._let_go(self._stream, lambda stream: stream.feed(data), len(data))

    def due(self) -> float | None:
        """When `tend` has something to do; None when it has not until more comes."""
        if not self._stream or self._stage == 2:
            return None
        if self._stage == 1:
            return self._heard + PATIENCE
        return min(self._heard + PAUSE, self._since + LONGEST_DELAY)

    def tend(self, patient: bool = False) -> None:
        """Let go what a pause, by now, lets go. `patient`: as after a long one."""
        due = self.due()
        if self._stream is None or due is None or not (patient or monotonic() >= due):
            return
        patient = patient or self._stage == 1
        self._stage = 2 if patient else 1
        self._let_go(self._stream, lambda stream: stream.pause(patient))

    def close(self) -> None:
        """The end of the output: all of it is let go, or what was withheld is said."""
        if self._stream:
            self._let_go(self._stream, Stream.close)
        if self._why and self._withheld:
            said = f"[secretguard withheld {self._withheld} bytes of this output: {self._why}]\n"
            self._raw(said.encode("utf-8", "replace"))

    def _let_go(self, stream: Stream, step: Callable[[Stream], bytes], more: int = 0) -> None:
        """One step of the stream, recorded, then written; whatever fails in it withholds the rest."""
        held = stream.held
        try:
            text = step(stream)
            if self._view and len(stream.found) > self._recorded:
                self._view.record(stream.found[self._recorded :])
                self._recorded = len(stream.found)
        except Exception as error:
            self._stream = None
            self._withheld += held + more
            self.withhold(why(error))
            return
        self._raw(text)

    def _raw(self, data: bytes) -> None:
        """Write all of it. A full disk loses the text, as it would lose the program's own."""
        while data and self._sink >= 0:
            try:
                data = data[os.write(self._sink, data) :]
            except BlockingIOError:
                wait = select.poll()
                wait.register(self._sink, select.POLLOUT)
                wait.poll()
            except BrokenPipeError:
                raise
            except OSError:
                self._sink = -1


def why(error: Exception) -> str:
    """The reason of what is withheld, in one line; of an unexpected error its name alone: it may hold the text."""
    if isinstance(error, GuardError):
        return f"{error.message} ({error.fix})" if error.fix else error.message
    return f"internal error ({type(error).__name__})"
