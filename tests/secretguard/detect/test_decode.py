"""Escapes and encodings are undone, and a place in the decoded text is a place in the original."""

from __future__ import annotations

import base64
import json
import shlex
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.detect.decode import Decoded, escapes, runs

ASCII = st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=40)
NEEDLE = b"needle-9"


def texts(data: bytes) -> dict[str, Decoded]:
    return {one.encoding: one for one in escapes(data)}


@pytest.mark.parametrize(
    ("encoding", "raw", "plain"),
    [
        ("escape", b'"a\\nb\\"c\\\\d"', b'"a\nb"c\\d"'),
        ("escape", b"\\u0026\\x3d\\046", b"&=&"),
        ("escape", b"'a'\\''b'", b"'a'b'"),
        ("escape", b"a\\", None),
        ("percent", b"a%26b%2G%", b"a&b%2G%"),
        ("percent", b"100% sure", None),
        ("ansi", b"\x1b[01;31m\x1b[Ka\x1b[m\x1b[Kb", b"ab"),
        ("ansi", b"\x1b[", None),
        ("shell", b"'a'\"'\"'b'", b"'a'b'"),
    ],
)
def test_what_is_undone(encoding: str, raw: bytes, plain: bytes | None) -> None:
    """Each escape once; what is none stays, and a text without any is not given."""
    found = texts(raw)
    assert (found[encoding].text if encoding in found else None) == plain


@given(ASCII, ASCII)
def test_places_in_json(before: str, after: str) -> None:
    """What is found in a decoded JSON text is found at its own place in the JSON."""
    raw = json.dumps({before: f"\t{NEEDLE.decode()}\n{after}"}).encode()
    found = texts(raw)["escape"]
    at = found.text.index(NEEDLE)
    ((start, end),) = found.original(at, at + len(NEEDLE))
    assert raw[start:end] == NEEDLE


@given(st.text(min_size=1, max_size=20), ASCII)
def test_places_of_what_is_escaped_itself(secret: str, around: str) -> None:
    """The place of a value whose own characters are escaped is its escaped form, whole."""
    secret = f"a{secret}%&"
    escaped = quote(secret, safe="").encode()
    raw = b"x=" + escaped + b"&" + quote(around).encode()
    found = texts(raw)["percent"]
    at = found.text.index(secret.encode())
    ((start, end),) = found.original(at, at + len(secret.encode()))
    assert raw[start:end] == escaped


def test_lines_without_an_escape_are_left_out() -> None:
    """A large text with one escape costs one line."""
    raw = b"plain\n" * 1000 + b"a\\nneedle-9\n" + b"plain\n" * 1000 + b"x\\ty"
    found = texts(raw)["escape"]
    assert len(found.text) < 40
    at = found.text.index(NEEDLE)
    ((start, end),) = found.original(at, at + 8)
    assert raw[start:end] == NEEDLE


def test_in_a_shells_quotes() -> None:
    """What `shlex.quote` writes is read back."""
    assert b"it's" in texts(shlex.quote("it's").encode())["shell"].text


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "abcd", "/", "/v1/"])
@pytest.mark.parametrize("inside", [b"", b"x", b"xy", b"xyz"])
def test_base64_in_every_alignment(before: str, inside: bytes) -> None:
    """Whatever stands before the run, or in it before the value."""
    encoded = base64.b64encode(inside + b" needle-9 more").decode().rstrip("=")
    assert any(NEEDLE in one.text for one in runs(f"k: {before}{encoded}\n".encode(), 8, set()))


@pytest.mark.parametrize("width", [60, 64, 72, 76])
@pytest.mark.parametrize("indent", ["", "    "])
def test_base64_that_is_wrapped(width: int, indent: str) -> None:
    """`base64 .env` and a PEM block: the value over the end of a line; its place is the whole block."""
    encoded = base64.b64encode(b"x" * 50 + b" needle-9 " + b"y" * 50).decode()
    lines = [indent + encoded[at : at + width] for at in range(0, len(encoded), width)]
    raw = ("first\n" + "\n".join(lines) + "\nlast\n").encode()
    (one,) = [one for one in runs(raw, 8, set()) if NEEDLE in one.text]
    needles = [at for at in range(len(one.text)) if one.text.startswith(NEEDLE, at)]
    places = [place for at in needles for place in one.original(at, at + 8)]
    assert [line.strip().encode() for line in lines] in [raw[start:end].split() for start, end in places]


def test_url_safe_and_hexadecimal() -> None:
    """The other alphabet of base64; hexadecimal digits of both cases, with and without `0x`."""
    plain = b"~~needle-9~~??>>"
    for encoded in (base64.urlsafe_b64encode(plain).decode(), plain.hex(), plain.hex().upper(), "0x" + plain.hex()):
        assert any(NEEDLE in one.text for one in runs(f"a {encoded} b".encode(), 8, set())), encoded


def test_ordinary_text_has_no_runs() -> None:
    """Words, paths and digests decode to nothing that could be read."""
    text = (
        b"secretguard/guard/main.py importlib.metadata TestWhatEverHappens " + b"9f86d081884c7d659a2feaa0c55ad015 " * 3
    )
    assert not list(runs(text, 12, set()))


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    """No input breaks it, and every place is inside."""
    for one in (*escapes(data), *runs(data, 4, set())):
        for start, end in one.original(0, len(one.text)):
            assert 0 <= start <= end <= len(data)


def test_each_place_of_a_run() -> None:
    """A run that stands in a text more than once is at each of its places, its padding with it."""
    encoded = base64.b64encode(b"a needle-9!")
    raw = b"x " + encoded + b" y " + encoded + b"\n" + b"z" + encoded
    (one,) = [one for one in runs(raw, 8, set()) if NEEDLE in one.text]
    at = one.text.index(NEEDLE)
    assert [raw[start:end] for start, end in one.original(at, at + 8)][:2] in ([encoded, encoded], [b"z" + encoded])
