"""The library: the same findings however text comes in, from however many threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard import api
from secretguard.api import Finding, Scanner, scan_bytes, scan_text
from secretguard.detect import made_up
from secretguard.detect.rules.private_key import _PEM as PEM
from secretguard.source.window import AHEAD, BACK

TOKENS = [made_up.github("ghp_", str(number)) for number in range(5)]


def plain(findings: list[Finding]) -> list[tuple[str, int, int, bytes]]:
    return [(one.rule_id, one.start, one.end, one.value) for one in findings]


def test_offsets_in_bytes_and_in_characters() -> None:
    """`scan_bytes` counts bytes, `scan_text` indexes the string, whatever stands between the secrets."""
    text = f"é𝔘 key = '{TOKENS[0]}' \ud800 ü '{TOKENS[1]}' ß"
    data = text.encode("utf-8", "surrogatepass")
    assert [text[one.start : one.end] for one in scan_text(text)] == TOKENS[:2]
    assert [data[one.start : one.end].decode() for one in scan_bytes(data)] == TOKENS[:2]


@given(st.text(), st.sampled_from(TOKENS), st.text())
def test_any_text(before: str, token: str, after: str) -> None:
    """The span of a finding in a string is its value."""
    text = f"{before}\nk = '{token}'\n{after}"
    for one in scan_text(text):
        assert text[one.start : one.end].encode("utf-8", "surrogatepass") == one.value
    assert token in [text[one.start : one.end] for one in scan_text(text)]


LONG = b"".join(
    b"some plain text, line %d\n" % line * 40 + f"key = '{TOKENS[line % 5]}'\n{PEM if line % 9 == 0 else ''}\n".encode()
    for line in range(900)
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 300_000), min_size=1, max_size=30), st.binary(max_size=50))
def test_a_stream_in_any_chunks(sizes: list[int], tail: bytes) -> None:
    """Findings of a stream are those of the whole, once each, in order."""
    data = LONG + tail
    scanner, found, at = Scanner(), [], 0
    while at < len(data):
        size = sizes[at % len(sizes)]
        found += scanner.feed(data[at : at + size])
        at += size
    found += scanner.close()
    assert plain(found) == plain(scan_bytes(data))


def test_memory_is_bounded() -> None:
    """What is held does not grow with the stream, with or without line ends."""
    for chunk in (b"x" * 999 + b"\n", b"y" * 1000):
        scanner = Scanner()
        for _ in range(5000):
            scanner.feed(chunk)
            assert len(scanner._held) < api.STEP + AHEAD + BACK + 2000


def test_a_scanner_can_be_used_again() -> None:
    """After `close` offsets start anew."""
    scanner = Scanner()
    for _ in range(2):
        scanner.feed(TOKENS[0].encode())
        assert [(one.start, one.end) for one in scanner.close()] == [(0, len(TOKENS[0]))]


def test_many_threads() -> None:
    """Each thread has its own engine, and all find the same."""
    expected = plain(scan_bytes(LONG))
    engines = set()
    gate = threading.Barrier(4)

    def work(_: int) -> list[tuple[str, int, int, bytes]]:
        gate.wait(30)
        engines.add(id(api._engine()))
        return plain(scan_bytes(LONG))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [expected] * 4
    assert len(engines) == 4


def test_no_secret_in_a_repr() -> None:
    """A finding in a traceback or a log gives nothing away."""
    [one] = scan_text(TOKENS[0])
    assert TOKENS[0] not in repr(one)


def test_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no way to scan, that is an error and never an empty answer."""

    def broken() -> object:
        raise api.GuardError("no engine", "install one")

    monkeypatch.setattr(api, "open_engine", broken)
    monkeypatch.setattr(api, "_own", threading.local())
    with pytest.raises(api.GuardError):
        scan_text("x")
