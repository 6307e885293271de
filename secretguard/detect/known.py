"""Exact values that must never leave, known by keyed digests alone: text + table → findings. Pure. Hot path.

Each value is filed under its longest run of letters and digits. A text's own such runs, each looked at once, are
passed over unless a value has a run of that length; the few that stay are held against the table by a short digest,
and only where that fits is the whole value's digest made, from the text around the run. So the cost is one pass over
the text, whatever the number of values; a value is found where such a run begins and ends, not inside another word
(`detect/known_plain.py` does that, where the values themselves are at hand).

Digests are keyed BLAKE2b (RFC 7693): 32 bytes of the value, 2 bytes of the run; the two differ by their length, which
is part of what is digested.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # pragma: no cover - interpreters without it
    from hashlib import blake2b

from secretguard.detect.finding import HIGH, MEDIUM, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from secretguard.detect.decode import Decoded

RULE = "known-value"
LONGEST = 4096
"""Bytes of a value that can be known."""
RECORD = 43
"""Bytes of a value in the table: digest 32, tag 2, size 2, place of the run 2, its length 2, source 2, flags 1."""
WEAK, LETTERS = 1, 2
"""Flags: the value is short or like a word and counts only beside a name that says secret; its run is letters only."""
_RUN = bytes(c if c >= 128 or chr(c).isalnum() else 32 for c in range(256))
_PIECE = 1 << 20
_BEFORE = 80
_NONE: dict[tuple[int, int], dict[bytes, int]] = {}
_SECRET_WORDS = (
    b"pass", b"pwd", b"secret", b"token", b"key", b"credential", b"auth", b"private", b"salt", b"pin", b"login",
)  # fmt: skip


def digest(key: bytes, value: bytes) -> bytes:
    """The 32 bytes by which `value` is known under the 32-byte `key`."""
    return bytes(blake2b(value, digest_size=32, key=key).digest())


def record(key: bytes, value: bytes, weak: bool, source: int) -> bytes:
    """The table's entry for `value`, whose name is at `source` in the list of names.

    Raises ValueError for one that is empty, has no letter or digit, or more than LONGEST bytes.
    """
    runs = value.translate(_RUN).split()
    if not runs or len(value) > LONGEST:
        raise ValueError("a value must hold a letter or digit, and not be too long")
    run = max(runs, key=len)
    flags = (WEAK if weak else 0) | (LETTERS if run.isalpha() else 0)
    tag = blake2b(run, digest_size=2, key=key).digest()
    numbers = (len(value), _place(value, run), len(run), source)
    return digest(key, value) + tag + b"".join(n.to_bytes(2, "little") for n in numbers) + bytes((flags,))


def _place(value: bytes, run: bytes) -> int:
    """Where `run` stands in `value` as a whole one, not as a piece of another."""
    return (b" " + value.translate(_RUN) + b" ").find(b" " + run + b" ")


class Known:
    """What is known in one project. `records` are those of `record`, joined; `name` tells of a source what it is.

    `name(n)` is (variable, words): the variable's name, and what a person is told (`DB_PASSWORD of .env`).
    """

    __slots__ = ("_by_tag", "_key", "_letters", "_mixed", "_name", "_records", "_tags", "shortest")

    def __init__(self, key: bytes, records: bytes, name: Callable[[int], tuple[str, str]]) -> None:
        self._key = key
        self._records = records
        self._name = name
        self._by_tag: dict[bytes, list[int]] | None = None
        starts = range(0, len(records), RECORD)
        self._tags = {records[at + 32 : at + 34] for at in starts}
        sizes, runs = (_pairs(records[at::RECORD], records[at + 1 :: RECORD]) for at in (34, 38))
        self.shortest = min(sizes, default=0)
        filed = list(zip(runs, records[42::RECORD], strict=True))
        self._letters = {size for size, flags in filed if flags & LETTERS}
        self._mixed = {size for size, flags in filed if not flags & LETTERS}

    def __len__(self) -> int:
        return len(self._records) // RECORD

    def __contains__(self, value: bytes) -> bool:
        return any(digest(self._key, value) == one[:32] for one in self._entries())

    def scan(self, data: bytes) -> list[Finding]:
        """Every known value in `data`, plain or encoded, sorted by start, not overlapping."""
        if not self._records or len(data) < self.shortest:
            return []
        seen: set[bytes] = set()
        found = [hit for place in self._hits(data, seen) if (hit := self._finding(data, *place))]
        if len(data) <= _largest_decoded():
            found += self._encoded(data, seen)
        return apart(found)

    def _encoded(self, data: bytes, seen: set[bytes]) -> list[Finding]:
        from secretguard.detect.decode import escapes, runs

        tried: set[bytes] = set()
        texts: list[Decoded] = []
        for one in escapes(data):
            texts += (one, *escapes(one.text, one))
        found = [hit for one in texts for hit in self._inside(data, one, seen)]
        pieces = list(runs(data, self.shortest, tried))
        for one in texts:
            pieces += runs(one.text, self.shortest, tried, one)
        for piece in pieces:
            found += self._inside(data, piece, seen)
            for inner in (*escapes(piece.text, piece), *runs(piece.text, self.shortest, tried, piece)):
                found += self._inside(data, inner, seen)
        return found

    def _inside(self, data: bytes, one: Decoded, seen: set[bytes]) -> Iterator[Finding]:
        """The findings in a decoded text, at their places in `data`."""
        for start, end, at in self._hits(one.text, seen):
            value, spoken = one.text[start:end], self._spoken(one.text, start, end, at)
            for place in one.original(start, end):
                if spoken or self._spoken(data, *place, at):
                    yield self._made(place, at, value, one.encodings)

    def _hits(self, text: bytes, seen: set[bytes]) -> Iterator[tuple[int, int, int]]:
        """(start, end, record) of each known value in `text`. `seen` holds the runs that are known to be none."""
        for at in range(0, len(text), _PIECE):
            whole = len(text) <= _PIECE
            begin = 0 if whole else max(0, at - LONGEST)
            piece = text if whole else text[begin : at + _PIECE + LONGEST]
            runs = set(piece.translate(_RUN).split()) - seen
            tagged = self._tagged(runs)
            if whole:
                seen |= runs - tagged
            if tagged:
                for start, end, found in self._around(piece, tagged):
                    yield begin + start, begin + end, found

    def _tagged(self, runs: set[bytes]) -> set[bytes]:
        """Those of `runs` that a value may be filed under: its length first, which costs next to nothing."""
        letters, mixed, tags, key = self._letters, self._mixed, self._tags, self._key
        return {
            run
            for run in runs
            if len(run) in (letters if run.isalpha() else mixed)
            and blake2b(run, digest_size=2, key=key).digest() in tags
        }

    def _around(self, text: bytes, tagged: set[bytes]) -> Iterator[tuple[int, int, int]]:
        """(start, end, record) of the values that stand around the runs `tagged`, in one pass over the text."""
        from secretguard.detect.decode import located

        shapes = {run: filed for run in tagged if (filed := self._shapes(run))}
        if not shapes:
            return
        for place, run in located(text, _RUN):
            for (offset, size), digests in shapes.get(run, _NONE).items():
                start = place - offset
                if start >= 0 and start + size <= len(text):
                    found = digests.get(digest(self._key, text[start : start + size]))
                    if found is not None:
                        yield start, start + size, found

    def _shapes(self, run: bytes) -> dict[tuple[int, int], dict[bytes, int]]:
        """(place of the run, size) of the values that may be filed under `run`, with the records by their digests."""
        shapes: dict[tuple[int, int], dict[bytes, int]] = {}
        for at in self._filed(run):
            one = self._records[at : at + RECORD]
            if int.from_bytes(one[38:40], "little") == len(run):
                shape = int.from_bytes(one[36:38], "little"), int.from_bytes(one[34:36], "little")
                shapes.setdefault(shape, {})[one[:32]] = at
        return shapes

    def _filed(self, run: bytes) -> list[int]:
        """Where the records of the values that may be filed under `run` begin."""
        if self._by_tag is None:
            self._by_tag = {}
            for at, one in zip(range(0, len(self._records), RECORD), self._entries(), strict=True):
                self._by_tag.setdefault(one[32:34], []).append(at)
        return self._by_tag.get(blake2b(run, digest_size=2, key=self._key).digest(), [])

    def _entries(self) -> Iterator[bytes]:
        return (self._records[at : at + RECORD] for at in range(0, len(self._records), RECORD))

    def _finding(
        self, data: bytes, start: int, end: int, at: int, value: bytes | None = None, encoding: tuple[str, ...] = ()
    ) -> Finding | None:
        if not self._spoken(data, start, end, at):
            return None
        return self._made((start, end), at, data[start:end] if value is None else value, encoding)

    def _made(self, place: tuple[int, int], at: int, value: bytes, encoding: tuple[str, ...]) -> Finding:
        _, words = self._name(self._source(at))
        sure = MEDIUM if self._records[at + 42] & WEAK else HIGH
        return Finding(RULE, f"the value of {words}", sure, "high", *place, value, encoding)

    def _spoken(self, data: bytes, start: int, end: int, at: int) -> bool:
        """Whether the text says that it is a secret; a value that is none by accident needs no such words."""
        if not self._records[at + 42] & WEAK:
            return True
        return said_secret(data, start, end, self._name(self._source(at))[0].encode("utf-8", "replace"))

    def _source(self, at: int) -> int:
        return int.from_bytes(self._records[at + 40 : at + 42], "little")


def said_secret(data: bytes, start: int, end: int, variable: bytes) -> bool:
    """Whether the line says before `data[start:end]` that a secret comes, or it is the password of a URL."""
    before = data[max(0, start - _BEFORE) : start].lower()
    before = before[max(before.rfind(b"\n"), before.rfind(b"\\n"), -1) + 1 :]
    if data[end : end + 1] == b"@" and before[-1:] == b":" and b"://" in before:
        return True
    return any(word in before for word in _SECRET_WORDS) or (variable.strip() != b"" and variable.lower() in before)


def joined(found: list[Finding], known: list[Finding]) -> list[Finding]:
    """Findings of the rules and of known values together, sorted, not overlapping, every byte of either covered.

    A rule's finding that covers a known value stays, it says more; a known value that reaches past it takes its place.
    """
    if not known:
        return found
    kept = [k for k in known if not any(f.start <= k.start and f.end >= k.end for f in found)]
    rest = [f for f in found if not any(k.start < f.end and f.start < k.end for k in kept)]
    beside = [f for f in found if f not in rest]
    for one in kept:
        for other in beside:  # what of it reaches out of a known value's ends is hidden with it
            if other.start < one.end and one.start < other.end:
                one.start, one.end = min(one.start, other.start), max(one.end, other.end)
    return apart([*rest, *kept])


def apart(found: Iterable[Finding]) -> list[Finding]:
    """The same, sorted by start, without those that overlap an earlier, longer one; what reaches out is joined."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        if kept and one.start < kept[-1].end:
            kept[-1].end = max(kept[-1].end, one.end)
        else:
            kept.append(one)
    return kept


def _pairs(low: bytes, high: bytes) -> list[int]:
    return [a + 256 * b for a, b in zip(low, high, strict=True)]


def _largest_decoded() -> int:
    from secretguard.detect.decode import LARGEST

    return LARGEST
