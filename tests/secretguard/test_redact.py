"""Redaction in one piece and as a stream: the same text, whatever the chunks."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretguard.detect.engine import Engine
from secretguard.detect.finding import Finding
from secretguard.pack import open_engine
from secretguard.placeholder import Placeholders
from secretguard.redact import redact, redact_stream

TAGS = Placeholders(b"k" * 32, "/project")
TOKEN = b"ghp_" + b"Zk3Qm8Lw0Rt5Yp2" + b"Hn7Vb4Xc9Ds6Fg1Aj1Ku3"
KEY = (
    b"-----BEGIN RSA " + b"PRIVATE KEY-----\n" + b"".join(b"Mq%02d" % i + b"aB3dE5fG7h" * 6 + b"\n" for i in range(20))
)
KEY += b"-----END RSA " + b"PRIVATE KEY-----\n"


def finding(start: int, end: int, value: bytes) -> Finding:
    return Finding("rule", "d", "high", "high", start, end, value)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRETGUARD_HOME", str(tmp_path_factory.mktemp("engine")))
        return open_engine()


def test_spans_are_replaced_and_the_rest_is_kept() -> None:
    """Two spans, one at the end; bytes between them stay."""
    tag = TAGS.tag("rule", b"bb").encode()
    data = redact(b"a bb c bb", [finding(2, 4, b"bb"), finding(7, 9, b"bb")], TAGS)
    assert data == b"a " + tag + b" c " + tag


def test_without_findings_nothing_changes() -> None:
    """No finding: the same bytes."""
    assert redact(b"\xff\x00", [], TAGS) == b"\xff\x00"


def test_lines_keep_their_numbers() -> None:
    """A secret of three lines leaves three lines."""
    data = redact(b"a\nx\ny\nz\nb", [finding(2, 7, b"x\ny\nz")], TAGS)
    assert data.count(b"\n") == 4
    assert data.endswith(b"\n\n\nb")


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    """`data` in chunks of the given sizes, repeated."""
    chunks, at, turn = [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        chunks.append(data[at : at + size])
        at, turn = at + size, turn + 1
    return chunks


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(1_000, 200_000), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 5_000), st.sampled_from([TOKEN, KEY])), min_size=1, max_size=8),
)
def test_a_stream_is_redacted_as_one_piece_would_be(
    engine: Engine, sizes: list[int], parts: list[tuple[int, bytes]]
) -> None:
    """Secrets across the borders of chunks are found; nothing else changes."""
    data = b"".join(
        b"a neutral line of forty bytes, no more...\n" * lines + b"TOKEN=" + secret + b"\n" for lines, secret in parts
    )
    streamed = b"".join(redact_stream(cut(data, sizes), engine, TAGS))
    assert TOKEN not in streamed
    assert b"aB3dE5fG7h" not in streamed
    assert streamed == redact(data, engine.scan(data), TAGS)


def test_a_stream_without_line_ends_is_cut_all_the_same(engine: Engine) -> None:
    """One endless line neither grows without bound nor lets a secret through."""
    data = (b"x" * 99_990 + b" " + TOKEN + b" ") * 5
    pieces = list(redact_stream(cut(data, [70_000]), engine, TAGS))
    assert TOKEN not in b"".join(pieces)
    assert max(map(len, pieces)) < 400_000


def test_an_empty_stream_is_empty(engine: Engine) -> None:
    """Nothing in, nothing out."""
    assert b"".join(redact_stream([], engine, TAGS)) == b""


def test_memory_is_bounded(engine: Engine) -> None:
    """However long the stream, a piece is no longer than a chunk and what is held back."""
    longest = max(len(p) for p in redact_stream((b"line of text\n" * 80_000 for _ in range(10)), engine, TAGS))
    assert longest < 3_000_000
