"""What kind of bytes a file holds: text that can be scanned as it is, UTF-16 that is decoded first, or neither."""

from __future__ import annotations

BYTES, UTF16_LE, UTF16_BE, BINARY = "bytes", "utf-16-le", "utf-16-be", "binary"

SNIFFED = 8192
"""How much of the start decides; git looks at 8,000 bytes for the same question."""


def kind(head: bytes) -> str:
    """BYTES, UTF16_LE, UTF16_BE or BINARY, from the first bytes: a byte order mark, else where the NUL bytes are."""
    head = head[:SNIFFED]
    if head.startswith(b"\xff\xfe") and not head.startswith(b"\xff\xfe\0\0"):
        return UTF16_LE
    if head.startswith(b"\xfe\xff"):
        return UTF16_BE
    if b"\0" not in head:
        return BYTES
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half and odd >= half * 0.7 and even <= half * 0.02:
        return UTF16_LE  # mostly ASCII without a mark, as Windows tools write it
    if half and even >= half * 0.7 and odd <= half * 0.02:
        return UTF16_BE
    return BINARY


class Decoded:
    """A UTF-16 file's text in UTF-8 for scanning, and the way back to the file's own offsets."""

    def __init__(self, raw: bytes, codec: str) -> None:
        """An odd last byte is left out; lone surrogates are kept, so that a broken file is scanned like any other."""
        self._codec = codec
        self.text = raw[: len(raw) // 2 * 2].decode(codec, "surrogatepass").encode("utf-8", "surrogatepass")

    def offset(self, position: int) -> int:
        """The byte offset in the file of byte `position` of `text`, which must be the start of a character."""
        before = self.text[:position].decode("utf-8", "surrogatepass")
        return len(before.encode(self._codec, "surrogatepass"))
