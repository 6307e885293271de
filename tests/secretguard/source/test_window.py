"""Windows cover a stream exactly once, whatever its length and however it arrives."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.detect.registry import RULES
from secretguard.pipeline import Scanner
from secretguard.source import window
from tests.secretguard.detect import engines

SMALL = {"size": 64, "back": 32, "ahead": 48}


@given(st.binary(max_size=2000), st.integers(1, 300), st.binary(max_size=100))
def test_own_parts_make_up_the_stream(data: bytes, step: int, head: bytes) -> None:
    """The windows' own parts, put together, are the stream; places are those of the stream."""
    stream = io.BytesIO(data)
    whole = head + data
    parts = b""
    for part in window.windows(lambda wanted: stream.read(min(step, wanted)), head=head, **SMALL):
        assert part.offset + part.begin == len(parts)
        assert part.data == whole[part.offset : part.offset + len(part.data)]
        assert part.line == whole.count(b"\n", 0, part.offset) + 1
        assert part.line_start == whole.rfind(b"\n", 0, part.offset) + 1
        assert len(part.data) <= 64 + 32 + 48 + len(head)
        parts += part.data[part.begin : part.end]
    assert parts == whole


def test_short_stream_is_one_window() -> None:
    """What fits is scanned in one piece."""
    assert len(list(window.windows(io.BytesIO(b"a\nb").read))) == 1


LINES = st.one_of(
    st.sampled_from([text for rule in RULES for text, _ in rule.examples]),
    st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=120),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=60).map("\n".join), st.integers(200, 5000))
def test_windowed_scan_equals_whole_scan(sample: str, size: int) -> None:
    """Cut into windows or not, a file has the same findings at the same places."""
    data = sample.encode()
    scanner = Scanner(engines.hyperscan(), b"k" * 32)
    whole = scanner.stream("f", io.BytesIO(data).read).findings
    original = window.windows

    def cut(read: object, head: bytes = b"") -> object:
        return original(read, size=size, back=window.BACK, ahead=window.AHEAD, head=head)  # type: ignore[arg-type]

    window.windows = cut  # type: ignore[assignment]
    try:
        pieces = scanner.stream("f", io.BytesIO(data + b"\n" * window.AHEAD).read).findings
    finally:
        window.windows = original
    assert [(f.rule_id, f.start_offset, f.line, f.column, f.end_line, f.end_column, f.sha1) for f in pieces] == [
        (f.rule_id, f.start_offset, f.line, f.column, f.end_line, f.end_column, f.sha1) for f in whole
    ]
