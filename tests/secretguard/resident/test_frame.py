"""A request of the protocol from bytes: exactly its form, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.guard.hook import LARGEST
from secretguard.resident.frame import LONGEST_HEAD, BadRequest, head, reply

EVENT = b"POST /event HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


def test_a_request_in_order() -> None:
    """Method, target, headers in lower case, where the body begins and how long it is."""
    found = head(EVENT)
    assert found is not None
    assert (found.method, found.path, found.length, found.keep) == ("POST", "/event", 2, True)
    assert found.headers["host"] == "x"
    assert EVENT[found.size :] == b"{}"


@pytest.mark.parametrize("cut", range(len(EVENT) - 2))
def test_a_part_of_a_head_is_waited_for(cut: int) -> None:
    """However it is cut."""
    assert head(EVENT[:cut]) is None


@pytest.mark.parametrize(
    "data",
    [
        b"POST /event HTTP/1.0\r\n\r\n",
        b"POST event HTTP/1.1\r\n\r\n",
        b"POST /event\r\n\r\n",
        b"POST  /event HTTP/1.1\r\n\r\n",
        b"POST /event HTTP/1.1\r\nno header\r\n\r\n",
        b"POST /event HTTP/1.1\r\nA: 1\r\na: 2\r\n\r\n",
        b"POST /event HTTP/1.1\r\nContent-Length : 2\r\n\r\n",
        b"POST /event HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
        b"POST /event HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /event HTTP/1.1\r\nContent-Length: 0x10\r\n\r\n",
        b"POST /event HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /ev\xc3\xa9nt HTTP/1.1\r\n\r\n",
    ],
)
def test_another_form_is_refused(data: bytes) -> None:
    """One reading alone: what two readers could understand differently is refused."""
    with pytest.raises(BadRequest) as caught:
        head(data)
    assert caught.value.status == 400


@pytest.mark.parametrize("length", [str(LARGEST + 1), "9" * 5000])
def test_too_long_a_body_is_refused_before_it_comes(length: str) -> None:
    """By its own word, however that is written."""
    with pytest.raises(BadRequest) as caught:
        head(f"POST /event HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode())
    assert caught.value.status == 413


def test_a_head_without_end_is_refused() -> None:
    """At the cap, not at the end of the memory."""
    with pytest.raises(BadRequest) as caught:
        head(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * LONGEST_HEAD)
    assert caught.value.status == 413


@given(st.binary(max_size=300))
def test_any_bytes_are_a_head_or_refused(data: bytes) -> None:
    """Nothing else comes out."""
    try:
        found = head(data)
    except BadRequest:
        return
    assert found is None or (found.size <= len(data) and 0 <= found.length <= LARGEST)


def test_an_answer() -> None:
    """Its length is said, and whether the connection stays."""
    assert reply(200, b"{}", keep=True).endswith(b"Connection: keep-alive\r\n\r\n{}")
    assert b"Content-Length: 2\r\nConnection: close\r\n" in reply(503, b"{}", keep=False)
