"""Speak to the resident process: one request, one answer, within a deadline."""

from __future__ import annotations

import os
import socket
import time

from secretguard.platforms.here import peer
from secretguard.rawjson import JsonError, loads

_LARGEST = 128 * 1024 * 1024


class Unanswered(Exception):
    """Nobody answered, not in time, or not in this protocol."""


def ask(
    path: str, method: str, target: str, body: bytes = b"", *, seconds: float = 2.0
) -> tuple[int, dict[str, object]]:
    """Status and JSON object that the process at the socket `path` answers. Raises Unanswered."""
    lines = f"{method} {target} HTTP/1.1\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    end = time.monotonic() + seconds
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(seconds)
            sock.connect(path)
            if peer(sock)[1] != os.geteuid():
                raise Unanswered("another user's process listens there")
            sock.sendall(lines.encode("ascii") + body)
            return _answer(_all(sock, end))
    except OSError as error:
        raise Unanswered(error.strerror or type(error).__name__) from None


def _all(sock: socket.socket, end: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        left = end - time.monotonic()
        if left <= 0:
            raise Unanswered("no answer in time")
        sock.settimeout(left)
        piece = sock.recv(1 << 18)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST:
            raise Unanswered("too long an answer")


def _answer(data: bytes) -> tuple[int, dict[str, object]]:
    head, found, body = data.partition(b"\r\n\r\n")
    words = head.split(None, 2)
    if not found or len(words) < 2 or words[0] != b"HTTP/1.1" or not words[1].isdigit():
        raise Unanswered("no HTTP")
    try:
        said = loads(body)
    except JsonError:
        raise Unanswered("no JSON") from None
    if not isinstance(said, dict):
        raise Unanswered("no JSON object")
    return int(words[1]), said
