"""The loop against peers of every kind: none is lost, none holds up another, no stranger is answered."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable

import pytest

from secretguard.errors import RecordError
from secretguard.resident import connection, server
from secretguard.resident.client import Unanswered, ask
from secretguard.resident.frame import Head
from tests.secretguard.resident.conftest import Loop, until

Begin = Callable[..., Loop]


def echo(head: Head, body: bytes) -> tuple[int, bytes]:
    """The body's length."""
    return 200, f'{{"length":{len(body)},"path":"{head.path}"}}'.encode()


def test_200_at_once_are_all_answered(loop: Begin) -> None:
    """Each with its own answer."""
    one = loop(echo)
    told: dict[int, object] = {}
    ready = threading.Barrier(200)

    def speak(number: int) -> None:
        ready.wait(30)
        told[number] = ask(one.path, "POST", "/event", b"x" * number, seconds=30)[1]["length"]

    threads = [threading.Thread(target=speak, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert told == {number: number for number in range(200)}


def test_a_slow_peer_holds_up_nobody_and_is_hung_up_on(loop: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte by byte, it gets no more time than one that sends at once."""
    monkeypatch.setattr(connection, "IN_FULL", 0.5)
    monkeypatch.setattr(server, "_TICK", 0.05)
    one = loop(echo)
    slow = one.connect()
    sent = 0
    with contextlib.suppress(OSError):
        for byte in b"POST /event HTTP/1.1\r\n" + b"a" * 2000:
            slow.send(bytes([byte]))
            sent += 1
            assert ask(one.path, "GET", "/status")[0] == 200
            time.sleep(0.02)
    assert sent < 1000
    slow.close()


def test_what_is_no_request_is_refused_and_the_next_peer_served(loop: Begin) -> None:
    """TLS, another protocol, a body without a length."""
    one = loop(echo)
    for junk in (
        b"\x16\x03\x01\x02\x00" * 3000,
        b"SSH-2.0-x\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n",
    ):
        peer = one.connect()
        peer.sendall(junk)
        assert peer.recv(500).startswith(b"HTTP/1.1 4")
        peer.close()
    assert ask(one.path, "GET", "/status")[0] == 200


def test_a_peer_may_leave_at_any_time(loop: Begin) -> None:
    """Before its request, in the middle of it, before its answer."""
    one = loop(echo)
    whole = b"POST /event HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
    for end in (0, 10, len(whole) - 1, len(whole)):
        peer = one.connect()
        peer.sendall(whole[:end])
        peer.close()
    assert ask(one.path, "POST", "/event", b"abc")[1]["length"] == 3


def test_another_users_process_is_not_answered(loop: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the kernel's word, before a byte of it is read."""
    monkeypatch.setattr(server, "peer", lambda sock: (1, os.geteuid() + 1, 1))
    one = loop(echo)
    with pytest.raises(Unanswered):
        ask(one.path, "GET", "/status")
    until(lambda: one.server.strangers == 1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_real_stranger_is_not_answered(loop: Begin) -> None:
    """With the socket open to all, as it never is."""
    one = loop(echo)
    folder = os.path.dirname(one.path)
    while folder != "/":
        os.chmod(folder, os.stat(folder).st_mode | 0o011)
        folder = os.path.dirname(folder)
    os.chmod(one.path, 0o666)
    child = os.fork()
    if child == 0:
        try:
            os.setuid(65534)
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.settimeout(5)
            sock.connect(one.path)
            sock.sendall(b"GET /status HTTP/1.1\r\n\r\n")
            os._exit(0 if sock.recv(100) == b"" else 3)
        except ConnectionError:
            os._exit(0)
        except BaseException:
            os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert one.server.strangers == 1


def test_more_than_the_most_are_turned_away(loop: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """And those that are there stay."""
    monkeypatch.setattr(server, "MOST", 3)
    one = loop(echo)
    kept = [one.connect() for _ in range(3)]
    until(lambda: len(one.server._open) == 3)
    turned = one.connect()
    assert turned.recv(1) == b""
    kept[0].sendall(b"GET /status HTTP/1.1\r\n\r\n")
    assert kept[0].recv(500).startswith(b"HTTP/1.1 200")
    for peer in (*kept, turned):
        peer.close()


def test_too_much_held_at_once_is_refused(loop: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that goes over the bound, not the process."""
    monkeypatch.setattr(server, "MOST_HELD", 100_000)
    one = loop(echo)
    big = one.connect()
    big.sendall(b"POST /event HTTP/1.1\r\nContent-Length: 4000000\r\n\r\n")
    with contextlib.suppress(OSError):  # it may be cut off while it sends
        big.sendall(b"x" * 3_900_000)
    with contextlib.suppress(OSError):
        assert big.recv(500).startswith(b"HTTP/1.1 503")
    big.close()
    assert ask(one.path, "GET", "/status")[0] == 200


def test_it_ends_when_nobody_needs_it(loop: Begin) -> None:
    """Not while a connection is open."""
    one = loop(echo, idle=0.3)
    one.thread.join(10)
    assert one.why == "nobody needed it"


def test_records_that_are_not_durable_are_no_answer(loop: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every event of that moment is answered by nobody here: the peer asks elsewhere."""

    class Failing:
        def __enter__(self) -> None:
            return

        def __exit__(self, *_: object) -> None:
            raise RecordError("the disk is gone")

    monkeypatch.setattr(server, "together", Failing)
    one = loop(echo)
    assert ask(one.path, "POST", "/event", b"x")[0] == 503


def test_a_fault_in_one_answer_is_that_ones_alone(loop: Begin) -> None:
    """An event that nobody foresaw gets 503, with which its client asks a process of its own; the rest goes on."""

    def sometimes(head: Head, body: bytes) -> tuple[int, bytes]:
        if body == b"bad":
            raise RuntimeError("nobody thought of that")
        return echo(head, body)

    one = loop(sometimes)
    assert ask(one.path, "POST", "/event", b"bad")[0] == 503
    assert ask(one.path, "POST", "/event", b"good") == (200, {"length": 4, "path": "/event"})
