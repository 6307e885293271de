"""The loopback address that a browser brings the answer to (RFC 8252, 7.3): one port, one answer, one deadline.

Other programs of this machine can connect as well: only the request that carries this login's `state` counts, whatever
else arrives is turned away and changes nothing. No request is ever logged, and the browser is sent on at once to an
address without the code, so that none stays in its history.
"""

from __future__ import annotations

import contextlib
import hmac
import select
import socket
import time
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from broker.errors import Unreachable

CALLBACK = "/callback"
DONE = "/done"
MAX_HEAD = 16 * 1024
MAX_LINKS = 50
WRITE_SECONDS = 5.0
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
        self._heads: dict[socket.socket, bytes] = {}
        self.redirect_uri = f"http://{self._host}{CALLBACK}"

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        for link in (self._socket, *self._heads):
            link.close()

    def answer(self, state: str, seconds: float) -> Mapping[str, str]:
        """The parameters of the one request that carries `state`. Raises Unreachable after `seconds`."""
        for link, target in self._requests(time.monotonic() + seconds):
            found = _parameters(target, state)
            if found is not None:
                _reply(link, "303 See Other", b"", f"Location: {DONE}\r\n")
                link.close()
                self._say_goodbye()
                return found
            _reply(link, "404 Not Found", b"")
        raise Unreachable("nobody logged in in time", "run `broker login` again, or `broker login --device`")

    def _say_goodbye(self) -> None:
        """The page that the browser was sent on to, if it comes for it."""
        for link, target in self._requests(time.monotonic() + DONE_SECONDS):
            if target == DONE:
                _reply(link, "200 OK", _PAGE)
                return
            _reply(link, "404 Not Found", b"")

    def _requests(self, ends_at: float) -> Iterator[tuple[socket.socket, str]]:
        """Each request that arrives whole before `ends_at`: its connection, closed afterwards, and its target. One that
        says nothing (browsers open some in advance) holds nobody up."""
        while (left := ends_at - time.monotonic()) > 0:
            for link in select.select([self._socket, *self._heads], [], [], left)[0]:
                if link is self._socket:
                    self._let_in()
                elif link in self._heads and (head := self._read(link)) is not None:
                    with link:
                        yield link, _target(head, self._host)

    def _let_in(self) -> None:
        with contextlib.suppress(OSError):
            link, _ = self._socket.accept()
            link.settimeout(WRITE_SECONDS)
            self._heads[link] = b""
        if len(self._heads) > MAX_LINKS:
            self._drop(next(iter(self._heads)))

    def _read(self, link: socket.socket) -> bytes | None:
        """The whole head of a request, once it is there; a connection that ends or goes on for too long is dropped."""
        try:
            piece = link.recv(4096)
        except OSError:
            piece = b""
        head = self._heads[link] + piece
        if b"\r\n\r\n" in head:
            del self._heads[link]
            return head
        self._heads[link] = head
        if not piece or len(head) > MAX_HEAD:
            self._drop(link)
        return None

    def _drop(self, link: socket.socket) -> None:
        del self._heads[link]
        link.close()


def _parameters(target: str, state: str) -> Mapping[str, str] | None:
    """The query of a callback with the right state; None for everything else, a parameter given twice included."""
    try:
        url = urlsplit(target)
        pairs = parse_qsl(url.query, keep_blank_values=True, max_num_fields=30)
    except ValueError:
        return None
    found = dict(pairs)
    mine = hmac.compare_digest(found.get("state", "").encode(), state.encode())
    return found if url.path == CALLBACK and mine and len(found) == len(pairs) else None


def _target(head: bytes, host: str) -> str:
    """The target of a GET that was sent to this very address (no other name that leads here); "" for the rest."""
    lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    hosts = [line.partition(":")[2].strip() for line in lines[1:] if line.lower().startswith("host:")]
    return words[1] if len(words) == 3 and words[0] == "GET" and hosts == [host] else ""


def _reply(link: socket.socket, status: str, body: bytes, extra: str = "") -> None:
    with contextlib.suppress(OSError):  # the other side went away
        link.sendall(_HEAD.format(status=status, length=len(body), extra=extra).encode() + body)
