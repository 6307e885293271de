"""Jupyter notebooks: what cells and their outputs say, without the quotes, commas and escapes of the JSON round it.

A cell's source is a list of strings, one a line, or one string; so are its outputs (nbformat 4, "multiline_string").
All strings of the file are read one after the other, each as lines of its own, so that a key of many lines is one
secret and a quoted value stands in plain quotes. No JSON is parsed: a file that is cut off or damaged is read as far as
its quotes go. Pure.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from secretguard.detect.decode import Decoded
from secretguard.detect.engine import Engine
from secretguard.detect.finding import Finding

ENCODING = "json"
"""As a finding's encoding: its value stands in the file with escapes, or in several strings."""

_MARK = re.compile(rb'"|\\(?:u[0-9A-Fa-f]{4}|.)', re.DOTALL)
_NAMED = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def scan(engine: Engine, data: bytes, cap: int) -> tuple[list[Finding], dict[str, int]]:
    """As `Engine.scan_capped` on a whole notebook: what its strings hold, and beside that what its own text holds."""
    found, unexamined = engine.scan_capped(data, cap)
    strings = decoded(data)
    if strings is None:
        return found, unexamined
    inside, more = engine.scan_capped(strings.text, cap)
    kept = [_placed(one, strings, data) for one in inside]
    starts, ends = [one.start for one in kept], [one.end for one in kept]
    for one in found:
        place = bisect_left(ends, one.start + 1)  # the first that ends behind its start
        if place == len(kept) or starts[place] >= one.end:
            kept.append(one)
    counts = {rule: max(unexamined.get(rule, 0), more.get(rule, 0)) for rule in (*unexamined, *more)}
    return sorted(kept, key=lambda one: one.start), counts


def _placed(one: Finding, strings: Decoded, data: bytes) -> Finding:
    """A finding of the decoded text as one of the file."""
    [(start, end)] = strings.original(one.start, one.end)
    encoding = one.encoding if data[start:end] == one.value else (ENCODING, *one.encoding)
    return Finding(one.rule_id, one.description, one.confidence, one.severity, start, end, one.value, encoding)


def decoded(data: bytes) -> Decoded | None:
    """The text of all strings in `data`, each from the start of a line, with the way back; None for no JSON object."""
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
        return None
    text = _Text(data)
    closed = 0  # where the last string ended; below 0 inside of one
    for mark in _MARK.finditer(data):
        start, end = mark.span()
        if mark[0] != b'"':
            if closed < 0:
                text.put(start, end, _meant(mark[0]))
        elif closed < 0:
            closed = start
        else:
            text.put(closed, end, b"" if text.line_ended(closed) else b"\n")
            closed = -1
    if closed >= 0:
        text.put(closed, len(data), b"")
    return text.done()


def _meant(escape: bytes) -> bytes:
    """What an escape of JSON stands for (RFC 8259, 7)."""
    if len(escape) == 6:
        return chr(int(escape[2:], 16)).encode("utf-8", "surrogatepass")
    return _NAMED.get(escape[1:], escape[1:])


class _Text:
    """A text in the making: `data` with some pieces replaced."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._parts: list[bytes] = []
        self._changed: list[tuple[int, int, int, int]] = []
        self._size = self._at = 0
        self._last = b"\n"

    def put(self, start: int, end: int, instead: bytes) -> None:
        """Leave what comes before `start` as it is, and put `instead` in the place of `data[start:end]`."""
        same = self._data[self._at : start]
        self._parts += (same, instead)
        size = self._size + len(same)
        self._size, self._at = size + len(instead), end
        self._changed.append((size, self._size, start, end))
        self._last = instead or same or self._last

    def line_ended(self, start: int) -> bool:
        """Whether what comes before `start` ends with a line end, or is nothing."""
        return start == self._at and self._last == b"\n"

    def done(self) -> Decoded:
        """The text, with the way back to `data`."""
        return Decoded(b"".join((*self._parts, self._data[self._at :])), ENCODING, None, self._changed)
