"""What the broker says on stderr: text for people or one JSON object a line for machines.

Lines are written by a thread of their own from a bounded queue: whoever reads them may be slow or stop, and requests
go on; what found no place is counted (`broker_log_lines_dropped_total`). Never a body, a header, a token or a
traceback, which quotes values: of an exception the class alone.
"""

from __future__ import annotations

import datetime
import json
import logging
import queue
import sys
import threading
from collections.abc import Callable
from typing import TextIO

QUEUE = 10_000
CLOSE_SECONDS = 2.0
FIELDS = ("request", "method", "route", "status", "ms", "rule")
"""What a line about a request has beyond its words."""


class Lines(logging.Handler):
    """Formats where it is logged, writes elsewhere."""

    def __init__(self, stream: TextIO, dropped: Callable[[], None], size: int = QUEUE) -> None:
        super().__init__()
        self._stream, self._dropped = stream, dropped
        self._queue: queue.Queue[str | None] = queue.Queue(size)
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Never waits."""
        try:
            self._queue.put_nowait(self.format(record))
        except queue.Full:
            self._dropped()

    def close(self) -> None:
        """Write what is there, for CLOSE_SECONDS at most."""
        try:
            self._queue.put(None, timeout=CLOSE_SECONDS)
            self._thread.join(CLOSE_SECONDS)
        except queue.Full:
            pass
        super().close()

    def _write(self) -> None:
        while (line := self._queue.get()) is not None:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):  # nobody reads any more
                self._dropped()


class Json(logging.Formatter):
    """One object a line: time, level, logger, message, and for a request FIELDS."""

    def format(self, record: logging.LogRecord) -> str:
        """ASCII, so that no terminal or collector reads a line's end or a control character in it."""
        told: dict[str, object] = {
            "time": _stamp(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        return json.dumps(told | _fault(record))


class Text(logging.Formatter):
    """The same for people; what is not plain text shows as an escape."""

    def format(self, record: logging.LogRecord) -> str:
        """A request's line has its rule, its time and its id at the end."""
        extra = [f"{name}={getattr(record, name)}" for name in ("rule", "ms", "request") if getattr(record, name, "")]
        fault = [f"({name})" for name in _fault(record).values()]
        words = " ".join([_stamp(record), record.levelname.lower(), record.name, record.getMessage(), *extra, *fault])
        return words if words.isascii() and words.isprintable() else ascii(words)[1:-1]


def configure(form: str, dropped: Callable[[], None], stream: TextIO | None = None) -> Lines:
    """Send warnings of everything, and a line for each request, to stderr as `json` or `text`. Close it at the end."""
    handler = Lines(stream or sys.stderr, dropped)
    handler.setFormatter(Json() if form == "json" else Text())
    logging.getLogger().addHandler(handler)
    logging.getLogger("broker.request").setLevel(logging.INFO)
    return handler


def release(handler: Lines) -> None:
    """Undo `configure`."""
    logging.getLogger().removeHandler(handler)
    logging.getLogger("broker.request").setLevel(logging.NOTSET)
    handler.close()


def _stamp(record: logging.LogRecord) -> str:
    moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fault(record: logging.LogRecord) -> dict[str, str]:
    kind = record.exc_info[0] if record.exc_info else None
    return {"error": kind.__name__} if kind else {}
