"""Known values in a text where the values themselves are at hand: inside other words, over line ends, between colours.

For a process that stays (`known/resident.py`): a hook has digests alone, and finds a value where it begins and ends as
a word does (`known.py`). Pure.
"""

from __future__ import annotations

from secretguard.detect.decode import LARGEST, escapes, runs
from secretguard.detect.finding import HIGH, MEDIUM, Finding
from secretguard.detect.known import RULE, apart, said_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secretguard.detect.decode import Decoded

    Value = tuple[bytes, bool, str, str]
    """(value, whether it is weak, variable, words for a person)."""

SHORTEST_SPLIT = 12
"""Bytes of a value that is looked for over line ends: shorter ones are there by accident."""
_BLANKS = b" \t\r\n\v\f|"
_BLANK = bytes(1 if c in _BLANKS else 0 for c in range(256))


class Plain:
    """The values of one project; `scan` finds them."""

    __slots__ = ("_shortest", "_values")

    def __init__(self, values: Iterable[Value]) -> None:
        self._values = list(values)
        self._shortest = min((len(value) for value, *_ in self._values), default=0)

    def scan(self, data: bytes) -> list[Finding]:
        """Every value in `data`, plain, encoded or split, sorted by start, not overlapping."""
        if not self._values:
            return []
        found = list(self._in(data, None))
        if len(data) <= LARGEST:
            texts = list(escapes(data))
            pieces = [*runs(data, self._shortest, set())]
            for one in texts:
                pieces += runs(one.text, self._shortest, set(), one)
            for one in (*texts, *pieces):
                found += self._in(one.text, one)
            found += self._split(data)
        return apart(found)

    def _in(self, text: bytes, decoded: Decoded | None) -> Iterator[Finding]:
        for value in self._values:
            at = text.find(value[0])
            while at >= 0:
                end = at + len(value[0])
                if not value[1] or said_secret(text, at, end, value[2].encode()):
                    for place in decoded.original(at, end) if decoded else ((at, end),):
                        yield _finding(value, place, decoded.encodings if decoded else ())
                at = text.find(value[0], end)

    def _split(self, data: bytes) -> Iterator[Finding]:
        """Values with blanks or line ends put into them, and a table's borders."""
        bare = data.translate(None, _BLANKS)
        if len(bare) == len(data):
            return
        places: list[int] | None = None
        for value in self._values:
            needle = value[0].translate(None, _BLANKS)
            if value[1] or len(needle) < SHORTEST_SPLIT:
                continue
            at = bare.find(needle)
            while at >= 0:
                if places is None:
                    places = [place for place, blank in enumerate(data.translate(_BLANK)) if not blank]
                yield _finding(value, (places[at], places[at + len(needle) - 1] + 1), ("split",))
                at = bare.find(needle, at + len(needle))


def _finding(value: Value, place: tuple[int, int], encoding: tuple[str, ...]) -> Finding:
    secret, weak, _, words = value
    return Finding(RULE, f"the value of {words}", MEDIUM if weak else HIGH, "high", *place, secret, encoding)
