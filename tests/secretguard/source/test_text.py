"""What is text, what is UTF-16, what is neither, and the way back to a file's own offsets."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.source import text

CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"", text.BYTES),
        (b"plain", text.BYTES),
        (b"\xff\xff\x80 latin", text.BYTES),
        (b"\xff\xfea\0", text.UTF16_LE),
        (b"\xfe\xff\0a", text.UTF16_BE),
    ],
)
def test_kind(head: bytes, expected: str) -> None:
    """A byte order mark decides; without NUL bytes everything is text, valid or not."""
    assert text.kind(head) == expected


def test_kind_without_a_mark() -> None:
    """UTF-16 and UTF-32 without a mark are known by where their NUL bytes are; other NUL bytes are binary."""
    sample = "key = value\n" * 5
    for encoding in (text.UTF16_LE, text.UTF16_BE, text.UTF32_LE, text.UTF32_BE):
        assert text.kind(sample.encode(encoding)) == encoding
        assert text.kind("\ufeff".encode(encoding) + "日本語".encode(encoding)) == encoding
    assert text.kind(b"\x7fELF\x02\x01\x01\0\0\0\0\0") == text.BINARY
    assert text.kind(b"\0" * 100) == text.BINARY
    assert text.kind(b"\0") == text.BINARY


WIDE = st.sampled_from([text.UTF16_LE, text.UTF16_BE, text.UTF32_LE, text.UTF32_BE])


def decoded(raw: bytes, encoding: str, step: int = 7) -> tuple[text.Decoded, bytes]:
    """A stream that comes `step` bytes at a time, and its text."""
    stream = io.BytesIO(raw)
    made = text.Decoded(stream.read(3), lambda _: stream.read(step), encoding)
    parts = []
    while part := made.read(99):
        parts.append(part)
    return made, b"".join(parts)


@given(st.text(CHARACTERS, min_size=1, max_size=60), WIDE, st.data())
def test_offsets_lead_back(sample: str, codec: str, data: st.DataObject) -> None:
    """The offset of a character in the decoded text is that character's offset in the file, however it is read."""
    at = data.draw(st.integers(0, len(sample)))
    made, content = decoded(sample.encode(codec), codec)
    assert content == sample.encode()
    assert made.offset(len(sample[:at].encode())) == len(sample[:at].encode(codec))
    assert made.raw == len(sample.encode(codec))


@given(st.binary(max_size=100), WIDE, st.integers(1, 9))
def test_broken_text_is_decoded_as_far_as_it_goes(raw: bytes, codec: str, step: int) -> None:
    """Cut-off characters, lone surrogates and numbers that are no character do not stop a scan."""
    made, content = decoded(raw, codec, step)
    assert len(raw) - 4 < made.offset(len(content)) <= len(raw)


def test_memory_is_bounded() -> None:
    """Places are known for the last pieces alone."""
    pieces = iter([b"a\0" * 1000] * 500)
    made = text.Decoded(b"", lambda _: next(pieces, b""), text.UTF16_LE)
    while made.read(1):
        assert len(made._pieces) <= text._KEPT
    assert made.offset(500_000) == 1_000_000
