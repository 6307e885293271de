"""What is text, what is UTF-16, what is neither, and the way back to a file's own offsets."""

from __future__ import annotations

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
    """UTF-16 without a mark is known by where its NUL bytes are; other NUL bytes, UTF-32 too, are binary."""
    sample = "key = value\n" * 5
    assert text.kind(sample.encode("utf-16-le")) == text.UTF16_LE
    assert text.kind(sample.encode("utf-16-be")) == text.UTF16_BE
    assert text.kind(sample.encode("utf-32-le")) == text.BINARY
    assert text.kind(b"\x7fELF\x02\x01\x01\0\0\0\0\0") == text.BINARY
    assert text.kind(b"\xff\xfe\0\0a\0\0\0") == text.BINARY


@given(st.text(CHARACTERS, min_size=1), st.sampled_from(["utf-16-le", "utf-16-be"]), st.data())
def test_offsets_lead_back(sample: str, codec: str, data: st.DataObject) -> None:
    """The offset of a character in the decoded text is that character's offset in the file."""
    at = data.draw(st.integers(0, len(sample)))
    decoded = text.Decoded(sample.encode(codec), codec)
    assert decoded.offset(len(sample[:at].encode())) == len(sample[:at].encode(codec))


@given(st.binary(), st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_broken_utf16_is_decoded_as_far_as_it_goes(raw: bytes, codec: str) -> None:
    """Odd lengths and lone surrogates do not stop a scan."""
    decoded = text.Decoded(raw, codec)
    assert decoded.offset(len(decoded.text)) == len(raw) // 2 * 2
