"""What kind of bytes a file holds: text to be scanned as it is, UTF-16 or UTF-32 that is decoded first, or neither.

Every encoding that keeps ASCII as it is (UTF-8, Latin-1, Shift-JIS, mixed or broken ones) is scanned as bytes.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Callable

BYTES, UTF16_LE, UTF16_BE, BINARY = "bytes", "utf-16-le", "utf-16-be", "binary"
UTF32_LE, UTF32_BE = "utf-32-le", "utf-32-be"

SNIFFED = 8192
"""How much of the start decides; git looks at 8,000 bytes for the same question."""

_MARKS = (
    (b"\xff\xfe\0\0", UTF32_LE),
    (b"\0\0\xfe\xff", UTF32_BE),
    (b"\xff\xfe", UTF16_LE),
    (b"\xfe\xff", UTF16_BE),
)
_PIECE = 1 << 20
_KEPT = 24
"""Pieces whose places are known: more than a window and what is read again around it."""


def kind(head: bytes) -> str:
    """BYTES, a wide encoding or BINARY, from the first bytes: a byte order mark, else where the NUL bytes are."""
    head = head[:SNIFFED]
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if b"\0" not in head:
        return BYTES
    quarters = [head[place::4].count(0) / max(1, len(head) // 4) for place in range(4)]
    nul = [share >= 0.98 for share in quarters]
    if nul == [False, True, True, True] and quarters[0] <= 0.02:
        return UTF32_LE
    if nul == [True, True, True, False] and quarters[3] <= 0.02:
        return UTF32_BE
    even, odd = (quarters[0] + quarters[2]) / 2, (quarters[1] + quarters[3]) / 2
    if odd >= 0.7 and even <= 0.02:
        return UTF16_LE  # mostly ASCII without a mark, as Windows tools write it
    return UTF16_BE if even >= 0.7 and odd <= 0.02 else BINARY


class Decoded:
    """A stream in UTF-16 or UTF-32 as UTF-8 for scanning, and the way back to its own offsets, in bounded memory.

    What is broken is scanned like the rest: lone surrogates stay, numbers that are no character become U+FFFD, a last
    character that is cut off is left out. `raw` counts the bytes that were read.
    """

    def __init__(self, head: bytes, read: Callable[[int], bytes], encoding: str) -> None:
        self._head, self._read = head, read
        self._encoding = encoding
        self._errors = "surrogatepass" if encoding in (UTF16_LE, UTF16_BE) else "replace"
        self._decoder = codecs.getincrementaldecoder(encoding)(self._errors)
        self._starts: list[int] = []
        self._pieces: list[tuple[int, bytes]] = []
        self._size = 0
        self._begun = 0
        self.raw = 0

    def read(self, _: int) -> bytes:
        """Some more of the text in UTF-8; nothing at its end."""
        while data := self._head or self._read(_PIECE):
            self._head = b""
            self.raw += len(data)
            text = self._decoder.decode(data)
            if text:
                return self._took(text)
        return b""

    def _took(self, text: str) -> bytes:
        piece = text.encode("utf-8", "surrogatepass")
        self._starts.append(self._size)
        self._pieces.append((self._begun, piece))
        self._size += len(piece)
        self._begun += len(text.encode(self._encoding, "surrogatepass"))
        if len(self._pieces) > _KEPT:
            del self._pieces[0], self._starts[0]
        return piece

    def offset(self, position: int) -> int:
        """The stream's own byte offset of byte `position` of the text, which must be the start of a character."""
        number = max(0, bisect_right(self._starts, position) - 1)
        begun, piece = self._pieces[number] if self._pieces else (0, b"")
        before = piece[: position - self._starts[number]] if self._pieces else b""
        return begun + len(before.decode("utf-8", "surrogatepass").encode(self._encoding, "surrogatepass"))
