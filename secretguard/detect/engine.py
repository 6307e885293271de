"""Text in, findings out: stage 1 marks where a rule may have matched, stage 2 gives the exact span, a judge decides.

Pure: no I/O, no clock, no state between two scans. Hot path: works without `re`, see `expression.py`.
"""

from __future__ import annotations

from secretguard.detect.expression import thaw
from secretguard.detect.finding import HIGH, MEDIUM, Finding
from secretguard.detect.judge import JUDGES

_ORDER = {HIGH: 0, MEDIUM: 1}
_LONGEST_STRIDE = 64 * 1024

TYPE_CHECKING = False
if TYPE_CHECKING:  # what follows costs a hook 20 ms at run time
    import re
    from typing import Protocol, TypedDict, TypeVar

    from secretguard.detect.expression import Frozen

    class Matcher(Protocol):
        """Stage 1: (end offset, pattern number) pairs, at least one for every place where a pattern matches."""

        def hits(self, data: bytes) -> list[tuple[int, int]]: ...

    Row = TypeVar("Row", covariant=True)

    class Indexed(Protocol[Row]):
        """Rows by number: a list, or `rows.Rows`."""

        def __len__(self) -> int: ...
        def __getitem__(self, number: int, /) -> Row: ...

    class Table(TypedDict):
        """The flat second stage, as the pack holds it.

        A shape is (number of its rule, expression, bytes before and after a hit that a match may reach, how far from
        a hit it may lie, its kept code); a rule is (id, description, severity, confidence, judge).
        """

        shapes: Indexed[tuple[int, str, int, int, int, Frozen | None]]
        rules: Indexed[tuple[str, str, str, str, str]]
        version: str


class Engine:
    """All rules of one pack: a `Matcher` for stage 1, a `Table` for stage 2, the code of its frozen expressions.

    Not for use by two threads at once: the matcher owns one scratch space.
    """

    def __init__(self, matcher: Matcher, table: Table, codes: bytes = b"") -> None:
        self._hits = matcher.hits
        self._shapes = table["shapes"]
        self._codes = codes
        self._rules = table["rules"]
        self._confirm: dict[int, re.Pattern[bytes]] = {}
        self.version = table["version"]

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
        names: dict[int, list[int]] = {}
        resume: dict[int, int] = {}  # by pattern: no match that starts before here is still to come
        stride: dict[int, int] = {}
        taken: dict[int, int] = {}
        unexamined: dict[str, int] = {}
        found: list[tuple[int, Finding]] = []
        for end, number in hits:
            at = resume.get(number, 0)
            if end <= at:
                continue
            shape = self._shapes[number]
            if shape[4]:
                names.setdefault(number, []).append(end)
                continue
            rule = shape[0]
            if cap and taken.get(rule, 0) >= cap:
                name = self._rules[rule][0]
                unexamined[name] = unexamined.get(name, 0) + 1
                resume[number] = end
                continue
            match, resume[number] = self._match(number, data, at, end, stride)
            if match is None:
                continue
            finding = self._judged(rule, data, match)
            if finding is None:
                resume[number] = max(end, match.start(match.lastgroup or 0))
                continue
            resume[number] = max(finding.end, match.end())
            taken[rule] = taken.get(rule, 0) + 1
            found.append((rule, finding))
        for number, ends in names.items():
            found += self._near(number, data, ends, cap, unexamined)
        return found, unexamined

    def _near(
        self, number: int, data: bytes, ends: list[int], cap: int, unexamined: dict[str, int]
    ) -> list[tuple[int, Finding]]:
        """What pattern `number` means in reach of the names that end at `ends`. Each byte is looked at once."""
        rule, _, back, ahead, reach, _ = self._shapes[number]
        compiled = self._compiled(number)
        found: list[tuple[int, Finding]] = []
        for begin, last in _joined(ends, back, reach):
            for match in compiled.finditer(data, begin, last + ahead):
                if match.start() > last:
                    break
                if cap and len(found) >= cap:
                    name = self._rules[rule][0]
                    unexamined[name] = unexamined.get(name, 0) + 1
                    continue
                finding = self._judged(rule, data, match)
                if finding is not None:
                    found.append((rule, finding))
        return found

    def _compiled(self, number: int) -> re.Pattern[bytes]:
        compiled = self._confirm.get(number)
        if compiled is None:
            _, source, _, _, _, frozen = self._shapes[number]
            compiled = self._confirm[number] = thaw(source, frozen, self._codes)
        return compiled

    def _match(
        self, number: int, data: bytes, at: int, end: int, stride: dict[int, int]
    ) -> tuple[re.Match[bytes] | None, int]:
        """The match of pattern `number` that covers the hit which ends at `end`, and up to where starts are refuted.

        No match may start before `at`. A window is as long as the pattern may be; each refusal in a row (`stride`, by
        pattern) looks a longer stretch ahead, so that hostile input costs every byte once and not once a hit.
        """
        _, _, back, ahead, _, _ = self._shapes[number]
        compiled = self._compiled(number)
        floor = max(at, end - back)
        start = max(floor, data.rfind(b"\n", floor, end) + 1)
        extra = stride.get(number, 0)
        limit = end + ahead + extra
        for match in compiled.finditer(data, start, limit):
            if match.start() >= end:
                return None, match.start()
            if match.end() >= end:
                stride[number] = 0
                return match, match.end()
        stride[number] = min(2 * extra + ahead, _LONGEST_STRIDE)
        return None, max(end, limit - ahead)

    def _judged(self, rule: int, data: bytes, match: re.Match[bytes]) -> Finding | None:
        name, description, severity, confidence, judge = self._rules[rule]
        start, end = match.span(match.lastgroup or 0)
        answer = JUDGES[judge](data, start, end, confidence)
        if answer is None:
            return None
        confidence, start, end = answer
        return Finding(name, description, confidence, severity, start, end, data[start:end])


def _joined(ends: list[int], back: int, reach: int) -> list[tuple[int, int]]:
    """(first, last) place where a match may start, for names that end at `ends` (ascending), without overlap."""
    spans: list[tuple[int, int]] = []
    for end in ends:
        begin, last = max(0, end - back), end + reach
        if spans and begin <= spans[-1][1]:
            spans[-1] = spans[-1][0], last
        else:
            spans.append((begin, last))
    return spans


def _without_overlaps(candidates: list[tuple[int, Finding]]) -> list[Finding]:
    """The surer finding wins where two overlap, then the earlier rule of the registry, then the longer span."""
    ranked = sorted(candidates, key=lambda c: (_ORDER.get(c[1].confidence, 2), c[0], c[1].start - c[1].end))
    kept: list[Finding] = []
    if len(ranked) < 2:
        return [finding for _, finding in ranked]
    from _bisect import bisect_left  # the C half: `bisect` is one more file to find and read

    starts: list[int] = []
    for _, finding in ranked:
        place = bisect_left(starts, finding.start)
        free = place == 0 or kept[place - 1].end <= finding.start
        if free and (place == len(kept) or finding.end <= kept[place].start):
            starts.insert(place, finding.start)
            kept.insert(place, finding)
    return kept
