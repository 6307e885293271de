"""The loopback listener: one answer, whatever else knocks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from broker.errors import Unreachable
from broker.login.loopback import MAX_LINKS, Listener

STATE = "s" * 43


def ask(listener: Listener, target: str, host: str = "", method: str = "GET") -> str:
    """One raw request; the whole answer."""
    where = urlsplit(listener.redirect_uri)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=20) as link:
        head = f"{method} {target} HTTP/1.1\r\nHost: {host or where.netloc}\r\n\r\n"
        link.sendall(head.encode())
        return link.makefile("rb").read().decode()


def waiting(listener: Listener, seconds: float = 20) -> tuple[threading.Thread, list[Mapping[str, str]]]:
    found: list[Mapping[str, str]] = []
    thread = threading.Thread(target=lambda: found.append(listener.answer(STATE, seconds)), daemon=True)
    thread.start()
    return thread, found


def test_only_the_request_with_the_state_counts() -> None:
    """Others are turned away and change nothing: wrong state, path, method, host, a parameter given twice, junk."""
    with Listener() as listener:
        thread, found = waiting(listener)
        port = urlsplit(listener.redirect_uri).port
        for target, host, method in (
            ("/callback?code=evil&state=wrong", "", "GET"),
            ("/callback?code=evil", "", "GET"),
            (f"/?code=evil&state={STATE}", "", "GET"),
            (f"/callback?code=evil&state={STATE}", "", "POST"),
            (f"/callback?code=evil&state={STATE}", f"localhost:{port}", "GET"),
            (f"/callback?code=evil&state={STATE}", "rebound.example", "GET"),
            (f"/callback?code=a&code=b&state={STATE}", "", "GET"),
            (f"/callback?state={STATE}&" + "&".join(f"x{n}=" for n in range(40)), "", "GET"),
            ("x y z", "", "GET"),
            ("/favicon.ico", "", "GET"),
        ):
            assert ask(listener, target, host, method).startswith("HTTP/1.1 404"), target
        assert not found
        answer = ask(listener, f"/callback?code=good&state={STATE}&iss=i")
        page = ask(listener, "/done")
        thread.join(20)
        assert found == [{"code": "good", "state": STATE, "iss": "i"}]
        assert answer.startswith("HTTP/1.1 303")
        assert "Location: /done" in answer
        assert "good" not in answer
        assert "You may close this window" in page
        for header in ("Cache-Control: no-store", "Referrer-Policy: no-referrer", "default-src 'none'"):
            assert header in page


def test_a_second_answer_is_too_late() -> None:
    """The first good one is the only one."""
    with Listener() as listener:
        thread, found = waiting(listener)
        ask(listener, f"/callback?code=good&state={STATE}")
        assert ask(listener, f"/callback?code=evil&state={STATE}").startswith("HTTP/1.1 404")
        ask(listener, "/done")
        thread.join(20)
        assert [one["code"] for one in found] == ["good"]


def test_there_is_a_deadline() -> None:
    """Nobody, and somebody who never says it all, do not hold the command up for ever."""
    with Listener() as listener:
        where = urlsplit(listener.redirect_uri)
        with socket.create_connection((where.hostname or "", where.port or 0)) as link:
            link.sendall(b"GET /callback")
            with pytest.raises(Unreachable, match="in time"):
                listener.answer(STATE, 0.3)


def test_connections_that_say_nothing_hold_nobody_up() -> None:
    """Browsers open some in advance; more of them than there is room for push out the oldest."""
    with Listener() as listener:
        where = urlsplit(listener.redirect_uri)
        address = (where.hostname or "", where.port or 0)
        silent = [socket.create_connection(address, timeout=20) for _ in range(MAX_LINKS + 20)]
        thread, found = waiting(listener)
        ask(listener, f"/callback?code=good&state={STATE}")
        ask(listener, "/done")
        thread.join(20)
        assert [one["code"] for one in found] == ["good"]
        assert silent[0].recv(1) == b""
        for link in silent:
            link.close()


def test_a_head_without_end_is_not_read_to_it() -> None:
    """At most MAX_HEAD bytes and a little."""
    with Listener() as listener:
        thread, found = waiting(listener)
        where = urlsplit(listener.redirect_uri)
        with socket.create_connection((where.hostname or "", where.port or 0), timeout=20) as link:
            try:
                for _ in range(1000):
                    link.sendall(b"X-A: " + b"a" * 4000 + b"\r\n")
            except OSError:
                pass
        ask(listener, f"/callback?code=good&state={STATE}")
        ask(listener, "/done")
        thread.join(20)
        assert [one["code"] for one in found] == ["good"]


def test_it_listens_on_this_machine_alone() -> None:
    """127.0.0.1, by number: a name could be somebody else's (RFC 8252, 8.3)."""
    with Listener() as listener:
        assert listener.redirect_uri.startswith("http://127.0.0.1:")
        assert listener._socket.getsockname()[0] == "127.0.0.1"
