"""The client's record of a conversation as the text that goes out again when it is taken up. Hot path.

One JSON value a line (measured on 2.1.330). Texts are taken out of it, because a secret of several lines, or one
between quotes, has another form inside JSON; what is no JSON is looked at as it is.
"""

from __future__ import annotations

import os

from secretguard.agents.shapes import TooDeep, texts
from secretguard.rawjson import JsonError, loads

LARGEST = 32 * 1024 * 1024
"""Bytes; more cannot be looked through in a hook's time."""
_COMPACTED = b'"subtype":"compact_boundary"'
"""The line behind which a conversation begins anew: what is before it is not sent again."""


_NOTES = ("queue-operation", "last-prompt")
"""Rows that the client writes of a prompt before any hook sees it, and never sends."""

_KEPT = ("mcpMeta",)
"""What the client keeps of a result beside the text that a hook replaced, and does not send either."""


class TooLong(Exception):
    """What would be sent again is more than LARGEST bytes."""


def read(path: str, end: int | None = None) -> bytes:
    """The record at `path` up to `end`, from where the conversation was compacted last on; empty where there is none.

    Raises TooLong, also where the file cannot be read: what would be sent cannot be told.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except FileNotFoundError:
        return b""
    except OSError:
        raise TooLong from None
    try:
        size = os.fstat(fd).st_size
        size = size if end is None else min(end, size)
        start = max(size - LARGEST, 0)
        data = _between(fd, start, size)
    except OSError:
        raise TooLong from None
    finally:
        os.close(fd)
    compacted = data.rfind(_COMPACTED)
    if start and compacted < 0:
        raise TooLong
    return data[data.rfind(b"\n", 0, max(compacted, 0)) + 1 :]


def _between(fd: int, start: int, end: int) -> bytes:
    pieces = []
    while start < end and (piece := os.pread(fd, min(end - start, 1 << 20), start)):
        pieces.append(piece)
        start += len(piece)
    return b"".join(pieces)


def text_of(data: bytes) -> bytes:
    """All texts in a record, one after another; pictures, and prompts that were only noted, are left out."""
    pieces: list[bytes] = []
    for line in data.split(b"\n"):
        try:
            row = loads(line) if line else None
            if isinstance(row, dict):
                row = {} if row.get("type") in _NOTES else {key: row[key] for key in row if key not in _KEPT}
            if row:
                pieces += [text.encode("utf-8", "surrogatepass") for text in texts(row)]
        except (JsonError, TooDeep):
            pieces.append(line)
    return b"\n".join(pieces)
