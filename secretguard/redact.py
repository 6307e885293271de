"""Replace findings by placeholders, in one piece or in a stream of any length. Hot path: imports nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secretguard.detect.engine import Engine
    from secretguard.detect.finding import Finding
    from secretguard.placeholder import Placeholders

CHUNK = 1 << 20
"""Bytes read at once from a stream."""
_AHEAD = 1 << 16  # a secret that starts before this much of unread text is seen whole: longer ones do not exist
_BEHIND = 1 << 12  # text already written that is scanned again, for rules that look at what stands before a secret


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


def redact_stream(chunks: Iterable[bytes], engine: Engine, tags: Placeholders) -> Iterator[bytes]:
    """The redacted form of the text that `chunks` make up, piece by piece, in memory bounded by two chunks.

    A secret across the border of two chunks is found: a piece is let go only when 64 KiB of what follows it are known.
    """
    held, done = b"", 0  # held[:done] is already written and kept as context only
    for chunk in chunks:
        held += chunk
        if len(held) < done + 2 * _AHEAD:
            continue
        findings = engine.scan(held)
        cut = _safe_cut(held, findings, done)
        yield _between(held, findings, done, cut, tags)
        keep = max(0, cut - _BEHIND)
        held, done = held[keep:], cut - keep
    yield _between(held, engine.scan(held), done, len(held), tags)


def _safe_cut(held: bytes, findings: list[Finding], done: int) -> int:
    """The furthest end of a line at which what comes before can be let go: never inside a finding."""
    limit = len(held) - _AHEAD
    cut = held.rfind(b"\n", done, limit) + 1 or limit
    for finding in findings:
        if finding.start < cut < finding.end:
            return max(done, finding.start)
    return cut


def _between(held: bytes, findings: list[Finding], start: int, end: int, tags: Placeholders) -> bytes:
    inside = [f for f in findings if f.start >= start and f.end <= end]
    straddling = [f for f in findings if f.start < start < f.end]
    if straddling:  # found only now, its beginning is out: hide at least the rest of it
        start = min(straddling[-1].end, end)
    written = redact(held[:end], inside, tags)
    return written[start:]
