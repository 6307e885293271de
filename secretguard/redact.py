"""Replace findings by placeholders, in one piece (`stream.py`: as it is printed). Hot path: imports nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from secretguard.detect.finding import Finding
    from secretguard.placeholder import Placeholders


def redact(data: bytes, findings: Iterable[Finding], tags: Placeholders) -> bytes:
    """`data` with every finding's span replaced by its placeholder.

    Findings must be sorted and not overlap (`Engine.scan` gives them so). The number of lines stays the same: what
    follows keeps its line number, so that a client's line-based tools still point at the right place.
    """
    return b"".join(cut(data, findings, tags))


def cut(data: bytes, findings: Iterable[Finding], tags: Placeholders) -> list[bytes]:
    """The pieces of `redact`'s answer: text, placeholder (and its line ends), text, placeholder, ..., text."""
    pieces = []
    at = 0
    for finding in findings:
        pieces.append(data[at : finding.start])
        lines = data.count(b"\n", finding.start, finding.end)
        pieces.append(tags.tag(finding.rule_id, finding.value).encode() + b"\n" * lines)
        at = finding.end
    pieces.append(data[at:])
    return pieces
