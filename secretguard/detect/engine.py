"""Text in, findings out: stage 1 marks where a rule may have matched, stage 2 gives the exact span, a judge decides.

Pure: no I/O, no clock, no state between two scans. Hot path: imports `re` only when stage 1 has hit something.
"""

from __future__ import annotations

from secretguard.detect.finding import HIGH, MEDIUM, Finding
from secretguard.detect.judge import JUDGES

SHAPES, RULES, VERSION = "shapes", "rules", "version"
"""Keys of the second-stage table: per pattern `[rule, confirm, back, ahead]`, per rule `[id, description, severity,
confidence, judge]`, and the digest of all rules."""

_ORDER = {HIGH: 0, MEDIUM: 1}


class Engine:
    """All rules of one pack.

    `matcher.hits(data)` gives (end offset, pattern number) pairs, at least one for every match; `table` is the flat
    second stage of `pack.py`. Not for use by two threads at once: the matcher owns one scratch space.
    """

    def __init__(self, matcher: object, table: dict[str, list[list[object]]]) -> None:
        self._hits = matcher.hits  # type: ignore[attr-defined]
        self._shapes = table[SHAPES]
        self._rules = table[RULES]
        self._confirm: dict[int, object] = {}

    def scan(self, data: bytes) -> list[Finding]:
        """Every finding in `data`, sorted by start, not overlapping. Nothing is left out: redaction relies on it."""
        return self.scan_capped(data, 0)[0]

    def scan_capped(self, data: bytes, cap: int) -> tuple[list[Finding], dict[str, int]]:
        """As `scan`, but at most `cap` candidates of one rule are judged (0 = no cap).

        The second value counts, by rule id, the hits that were not looked at.
        """
        hits = self._hits(data)
        if not hits:
            return [], {}
        candidates, unexamined = self._candidates(data, hits, cap)
        return _without_overlaps(candidates), unexamined

    def _candidates(
        self, data: bytes, hits: list[tuple[int, int]], cap: int
    ) -> tuple[list[tuple[int, Finding]], dict[str, int]]:
        hits.sort()
        resume: dict[int, int] = {}
        taken: dict[int, int] = {}
        unexamined: dict[str, int] = {}
        found: list[tuple[int, Finding]] = []
        for end, number in hits:
            at = resume.get(number, 0)
            if end <= at:
                continue  # a later end of a match that was dealt with
            rule: int = self._shapes[number][0]  # type: ignore[assignment]
            if cap and taken.get(rule, 0) >= cap:
                name = str(self._rules[rule][0])
                unexamined[name] = unexamined.get(name, 0) + 1
                resume[number] = end
                continue
            match = self._match(number, data, at, end)
            if match is None:
                continue
            finding = self._judged(rule, data, match)
            if finding is None:
                resume[number] = max(end, match.start(match.lastgroup or 0))  # type: ignore[attr-defined]
                continue
            resume[number] = max(finding.end, match.end())  # type: ignore[attr-defined]
            taken[rule] = taken.get(rule, 0) + 1
            found.append((rule, finding))
        return found, unexamined

    def _match(self, number: int, data: bytes, at: int, end: int) -> object | None:
        """The match of pattern `number` that covers the hit which ends at `end`, if stage 2 confirms it."""
        _, source, back, ahead = self._shapes[number]
        compiled = self._confirm.get(number)
        if compiled is None:
            import re

            compiled = self._confirm[number] = re.compile(source.encode())  # type: ignore[attr-defined]
        floor = max(at, end - back)  # type: ignore[operator]
        start = max(floor, data.rfind(b"\n", floor, end) + 1)
        for match in compiled.finditer(data, start, min(len(data), end + ahead)):  # type: ignore[attr-defined, operator]
            if match.end() >= end:
                return match if match.start() <= end else None
        return None

    def _judged(self, rule: int, data: bytes, match: object) -> Finding | None:
        name, description, severity, confidence, judge = self._rules[rule]
        start, end = match.span(match.lastgroup or 0)  # type: ignore[attr-defined]
        answer = JUDGES[judge](data, start, end, confidence)  # type: ignore[index, arg-type]
        if answer is None:
            return None
        confidence, start, end = answer
        return Finding(str(name), str(description), confidence, str(severity), start, end, data[start:end])


def _without_overlaps(candidates: list[tuple[int, Finding]]) -> list[Finding]:
    """The surer finding wins where two overlap, then the earlier rule of the registry, then the longer span."""
    ranked = sorted(candidates, key=lambda c: (_ORDER.get(c[1].confidence, 2), c[0], c[1].start - c[1].end))
    kept: list[Finding] = []
    if len(ranked) < 2:
        return [finding for _, finding in ranked]
    from bisect import bisect_left

    starts: list[int] = []
    for _, finding in ranked:
        place = bisect_left(starts, finding.start)
        free = place == 0 or kept[place - 1].end <= finding.start
        if free and (place == len(kept) or finding.end <= kept[place].start):
            starts.insert(place, finding.start)
            kept.insert(place, finding)
    return kept
