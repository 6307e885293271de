"""The loopback address that a browser brings the answer to (RFC 8252, 7.3): one port, one answer, one deadline.

Other programs of this machine can connect as well: only the request that carries this login's `state` counts, whatever
else arrives is turned away and changes nothing. No request is ever logged, and the browser is sent on at once to an
address without the code, so that none stays in its history.
"""

from __future__ import annotations

import contextlib
import hmac
import socket
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from broker.errors import Unreachable

CALLBACK = "/callback"
DONE = "/done"
MAX_HEAD = 16 * 1024
HEAD_SECONDS = 5.0
DONE_SECONDS = 3.0

_PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>broker login</title>
<p>The command line has the answer. You may close this window.</p></html>
"""
_HEAD = (
    "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\nContent-Type: text/html; charset=utf-8\r\n"
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n{extra}\r\n"
)


class Listener:
    """Listens on a spare port of 127.0.0.1 from the start; close it after use."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._host = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.redirect_uri = f"http://{self._host}{CALLBACK}"

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def answer(self, state: str, seconds: float) -> Mapping[str, str]:
        """The parameters of the one request that carries `state`. Raises Unreachable after `seconds`."""
        ends_at = time.monotonic() + seconds
        found = None
        while found is None and (left := ends_at - time.monotonic()) > 0:
            with contextlib.suppress(OSError), self._accepted(left) as link:
                found = self._parameters(_target(link, ends_at, self._host), state)
                if found is None:
                    _reply(link, "404 Not Found", b"")
                else:
                    _reply(link, "303 See Other", b"", f"Location: {DONE}\r\n")
        if found is not None:
            self._say_goodbye()
            return found
        raise Unreachable("nobody logged in in time", "run `broker login` again, or `broker login --device`")

    def _accepted(self, left: float) -> socket.socket:
        self._socket.settimeout(left)
        return self._socket.accept()[0]

    def _parameters(self, target: str, state: str) -> Mapping[str, str] | None:
        """The query of a callback with the right state; None for everything else, a parameter given twice included."""
        try:
            url = urlsplit(target)
            pairs = parse_qsl(url.query, keep_blank_values=True, max_num_fields=30)
        except ValueError:
            return None
        found = dict(pairs)
        mine = hmac.compare_digest(found.get("state", "").encode(), state.encode())
        return found if url.path == CALLBACK and mine and len(found) == len(pairs) else None

    def _say_goodbye(self) -> None:
        """The page that the browser was sent on to, if it comes for it."""
        ends_at = time.monotonic() + DONE_SECONDS
        while (left := ends_at - time.monotonic()) > 0:
            with contextlib.suppress(OSError), self._accepted(left) as link:
                if _target(link, ends_at, self._host) == DONE:
                    _reply(link, "200 OK", _PAGE)
                    return
                _reply(link, "404 Not Found", b"")


def _target(link: socket.socket, ends_at: float, host: str) -> str:
    """The target of one GET that was sent to this very address (no other name that leads here); "" for the rest."""
    head, until = b"", min(ends_at, time.monotonic() + HEAD_SECONDS)
    while b"\r\n\r\n" not in head:
        left = until - time.monotonic()
        if left <= 0 or len(head) > MAX_HEAD:
            return ""
        link.settimeout(left)
        piece = link.recv(4096)
        if not piece:
            return ""
        head += piece
    lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    hosts = [line.partition(":")[2].strip() for line in lines[1:] if line.lower().startswith("host:")]
    return words[1] if len(words) == 3 and words[0] == "GET" and hosts == [host] else ""


def _reply(link: socket.socket, status: str, body: bytes, extra: str = "") -> None:
    link.settimeout(HEAD_SECONDS)
    link.sendall(_HEAD.format(status=status, length=len(body), extra=extra).encode() + body)
