"""secretguard as a library: text in, findings out. Everything here is stable; all other modules may change.

    from secretguard.api import Scanner, scan_bytes, scan_text

    for finding in scan_text(answer):
        answer_shown = answer[: finding.start] + "[secret]" + answer[finding.end :]

    scanner = Scanner()                      # a stream of any length, in bounded memory
    for chunk in chunks:
        for finding in scanner.feed(chunk): ...
    for finding in scanner.close(): ...

The functions may be called from any number of threads at once: each thread has an engine of its own, loaded in a few
milliseconds at its first call. A `Scanner` is one stream: calls on one object must follow one another. Scanning never
raises for any input; where the rules cannot be loaded, GuardError says why and what to do.
"""

from __future__ import annotations

import threading

from secretguard.detect.engine import Engine
from secretguard.detect.finding import HIGH, LOW, MEDIUM, Finding
from secretguard.errors import GuardError
from secretguard.pack import open_engine
from secretguard.source.window import AHEAD, BACK

__all__ = ["HIGH", "LOW", "MEDIUM", "Finding", "GuardError", "Scanner", "scan_bytes", "scan_text"]

STEP = 256 * 1024
"""Bytes that a stream gathers before they are scanned."""

_own = threading.local()


def _engine() -> Engine:
    """This thread's engine. Raises GuardError when there is no way to scan."""
    engine: Engine | None = getattr(_own, "engine", None)
    if engine is None:
        engine = _own.engine = open_engine()
    return engine


def scan_bytes(data: bytes) -> list[Finding]:
    """Every secret in `data`, sorted by start, not overlapping; offsets in bytes. Raises GuardError."""
    return _engine().scan(data)


def scan_text(text: str) -> list[Finding]:
    """Every secret in `text`; `start` and `end` are indices into the string, `value` is in UTF-8. Raises GuardError."""
    data = text.encode("utf-8", "surrogatepass")
    findings = _engine().scan(data)
    if len(data) != len(text):
        _to_characters(data, findings)
    return findings


def _to_characters(data: bytes, findings: list[Finding]) -> None:
    """Byte offsets into indices of characters, in one pass: findings come in order."""
    at = characters = 0
    for finding in findings:
        characters += _length(data, at, finding.start)
        start, at = finding.start, finding.end
        finding.start = characters
        characters += _length(data, start, finding.end)
        finding.end = characters


def _length(data: bytes, start: int, end: int) -> int:
    return len(data[start:end].decode("utf-8", "surrogatepass"))


class Scanner:
    """A stream that is scanned as it comes, in less than 1 MiB of memory beside its longest chunk.

    A finding is given back once enough of what follows is known (80 KiB, longer than any secret), the rest by `close`.
    Offsets are those of the whole stream, in bytes; the findings are the same however the stream is cut into chunks.
    """

    def __init__(self) -> None:
        self._held = b""
        self._offset = 0
        self._own = 0
        self._reached = 0

    def feed(self, data: bytes) -> list[Finding]:
        """The next bytes; the findings that are certain by now. Raises GuardError."""
        self._held += data
        if len(self._held) < self._own + STEP + AHEAD:
            return []
        latest = len(self._held) - AHEAD
        cut = self._held.rfind(b"\n", self._own, latest) + 1 or latest
        found = self._between(cut)
        keep = max(0, cut - BACK)
        self._held, self._own, self._offset = self._held[keep:], cut - keep, self._offset + keep
        return found

    def close(self) -> list[Finding]:
        """The end of the stream; the last findings. The object can then take another stream. Raises GuardError."""
        found = self._between(len(self._held))
        self._held, self._offset, self._own, self._reached = b"", 0, 0, 0
        return found

    def _between(self, end: int) -> list[Finding]:
        """Findings that start in the part of `held` that is not yet told, before `end`."""
        found = []
        for finding in _engine().scan(self._held):
            if self._own <= finding.start < end and self._offset + finding.start >= self._reached:
                finding.start += self._offset
                finding.end += self._offset
                self._reached = finding.end
                found.append(finding)
        return found
