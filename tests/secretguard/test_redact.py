"""Redaction in one piece."""

from __future__ import annotations

from secretguard.detect.finding import Finding
from secretguard.placeholder import Placeholders
from secretguard.redact import redact

TAGS = Placeholders(b"k" * 32, "/project")


def finding(start: int, end: int, value: bytes) -> Finding:
    return Finding("rule", "d", "high", "high", start, end, value)


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
