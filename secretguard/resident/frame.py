"""One request of the resident process's protocol, from bytes: HTTP/1.1 with a Content-Length and nothing else. Pure.

HTTP because the client's mod can speak nothing else over a Unix socket; only what it needs of RFC 9112. A head is at
most 8 KiB and a body what one event of the client may be. Whatever is not exactly of that form is refused.
"""

from __future__ import annotations

from secretguard.guard.hook import LARGEST

LONGEST_HEAD = 8 * 1024
"""Bytes of a request line with its headers."""
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 413: "Content Too Large", 503: "Service Unavailable"}
_MOST_DIGITS = 10


class BadRequest(Exception):
    """The peer sent what is no request of this protocol; `status` is what it is told before it is hung up on."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Head:
    """The request line and headers: `length` bytes of body follow `size` bytes of head."""

    __slots__ = ("headers", "keep", "length", "method", "path", "size")

    def __init__(self, method: str, path: str, headers: dict[str, str], size: int) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.size = size
        self.length = _length(headers)
        self.keep = headers.get("connection", "").lower() != "close"


def head(data: bytes | bytearray) -> Head | None:
    """The head at the start of `data`; None while it is not all there. Raises BadRequest."""
    end = data.find(b"\r\n\r\n", 0, LONGEST_HEAD)
    if end < 0:
        if len(data) >= LONGEST_HEAD:
            raise BadRequest(413, "the head is too long")
        return None
    try:
        first, *lines = bytes(data[:end]).decode("ascii").split("\r\n")
    except UnicodeDecodeError:
        raise BadRequest(400, "the head is not ASCII") from None
    words = first.split(" ")
    if len(words) != 3 or words[2] != "HTTP/1.1" or not words[1].startswith("/"):
        raise BadRequest(400, "no request line")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or not name or name != name.strip() or name in headers:
            raise BadRequest(400, "no header, or one that comes twice")
        headers[name] = value.strip()
    if "transfer-encoding" in headers:
        raise BadRequest(400, "only bodies with a Content-Length are read")
    return Head(words[0], words[1], headers, end + 4)


def _length(headers: dict[str, str]) -> int:
    given = headers.get("content-length", "0")
    if not (given.isascii() and given.isdigit()):
        raise BadRequest(400, "Content-Length is not a number")
    if len(given) > _MOST_DIGITS or int(given) > LARGEST:
        raise BadRequest(413, "the body is too large")
    return int(given)


def reply(status: int, body: bytes, keep: bool) -> bytes:
    """The bytes of an answer; `body` is JSON."""
    lines = (
        f"HTTP/1.1 {status} {_REASONS[status]}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Connection: {'keep-alive' if keep else 'close'}",
    )
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body
