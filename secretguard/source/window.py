"""A stream of any length in windows of bounded size, so that a 50 GB log is scanned in the memory of 8 MiB of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

SIZE = 8 * 1024 * 1024
BACK = 16 * 1024
"""Text before a window's own part: at least as wide as the widest pattern."""
AHEAD = 80 * 1024
"""Text after it: at least as long as the longest private key block and the widest pattern."""


class Window(NamedTuple):
    """`data[begin:end]` is this window's own part: a finding that starts there belongs to it, any other to a neighbour.

    `offset`, `line` and `line_start` tell where `data[0]` lies in the stream: its offset, the number of its line
    (from 1) and the offset at which that line starts.
    """

    data: bytes
    begin: int
    end: int
    offset: int
    line: int
    line_start: int


def windows(
    read: Callable[[int], bytes], size: int = SIZE, back: int = BACK, ahead: int = AHEAD, head: bytes = b""
) -> Iterator[Window]:
    """Every window of the stream `head` + what `read(n)` gives until it gives nothing; one window if it is short.

    Windows are cut at a line end where there is one, because no pattern but a private key's crosses one.
    """
    data, own, offset, line, line_start = head, 0, 0, 1, 0
    while True:
        data, ended = _fill(data, read, size + back + ahead)
        if ended:
            yield Window(data, own, len(data), offset, line, line_start)
            return
        latest = len(data) - ahead
        cut = data.rfind(b"\n", own, latest) + 1 or latest
        yield Window(data, own, cut, offset, line, line_start)
        keep = max(0, cut - back)
        newlines = data.count(b"\n", 0, keep)
        if newlines:
            line, line_start = line + newlines, offset + data.rfind(b"\n", 0, keep) + 1
        data, own, offset = data[keep:], cut - keep, offset + keep


def _fill(data: bytes, read: Callable[[int], bytes], wanted: int) -> tuple[bytes, bool]:
    """`data` filled up to `wanted` bytes, and whether the stream has ended."""
    parts, have = [data], len(data)
    while have < wanted:
        part = read(wanted - have)
        if not part:
            return b"".join(parts), True
        parts.append(part)
        have += len(part)
    return b"".join(parts), False
