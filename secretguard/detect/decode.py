"""Undo what programs do to a text on its way: escapes, colours, base64, hexadecimal. Pure. Hot path: imports nothing.

A `Decoded` knows where each of its places was in the text that it came from. Two kinds: a text with escapes is
decoded as a whole, and a place in it is a place in the original; a run of base64 or hexadecimal digits is one piece,
and whatever is found in it stands at the whole run.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Undone = tuple[int, int, bytes] | None

LARGEST = 2 << 20
"""Bytes of a text in which encoded forms are looked for."""
_HEX = b"0123456789abcdefABCDEF"
_BASE64 = bytes(c if (chr(c).isalnum() and c < 128) or c in b"+/-_" else 32 for c in range(256))
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_STRETCHES = bytes(c if 32 <= c < 127 else 0 for c in range(256))
_WIDTHS = (60, 64, 72, 76)
"""Lengths of lines that `xxd -p`, PEM, and `base64` write."""
_NAMED = {
    b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"a": b"\a", b"e": b"\x1b",
}  # fmt: skip
_QUOTE = b"'\"'\"'"


class Decoded:
    """`text`, made from the text of `parent` (None: from the original) by undoing `encoding`.

    `changed` has (start, end, start before, end before) of each piece that is another one now, in order.
    """

    __slots__ = ("_changed", "encoding", "parent", "text")

    def __init__(
        self, text: bytes, encoding: str, parent: Decoded | None, changed: list[tuple[int, int, int, int]]
    ) -> None:
        self.text = text
        self.encoding = encoding
        self.parent = parent
        self._changed = changed

    @property
    def encodings(self) -> tuple[str, ...]:
        """What was undone, outermost first."""
        return (*(self.parent.encodings if self.parent else ()), self.encoding)

    def original(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Every place in the very first text where `text[start:end]` is."""
        for place in self._outer(start, end):
            if self.parent:
                yield from self.parent.original(*place)
            else:
                yield place

    def _outer(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The same in the text that this one came from."""
        from _bisect import bisect_left, bisect_right  # a hit is rare

        before = bisect_right(self._changed, start, key=_end) - 1
        first = start if before < 0 else self._changed[before][3] + start - self._changed[before][1]
        after = bisect_left(self._changed, end, key=_end)
        if after < len(self._changed) and self._changed[after][0] < end:
            yield first, self._changed[after][3]
            return
        last = after - 1
        yield first, end if last < 0 else self._changed[last][3] + end - self._changed[last][1]


class Runs(Decoded):
    """What the runs of one encoding in `data` say, one after the other; a place in it is the whole run, wherever it is.

    `runs` has (where its text ends in `text`, the run or its place). Where a run is, is looked up at the first hit.
    """

    __slots__ = ("_data", "_runs", "_spots")

    def __init__(
        self, encoding: str, parent: Decoded | None, data: bytes, runs: list[tuple[bytes, bytes | tuple[int, int]]]
    ) -> None:
        super().__init__(b"\n".join([text for text, _ in runs]), encoding, parent, [])
        self._data = data
        self._runs: list[tuple[int, bytes | tuple[int, int]]] = []
        self._spots: dict[bytes, list[int]] | None = None
        end = 0
        for text, run in runs:
            end += len(text) + 1
            self._runs.append((end, run))

    def _outer(self, start: int, end: int) -> Iterator[tuple[int, int]]:  # noqa: ARG002 - a run is one piece
        from _bisect import bisect_right

        run = self._runs[bisect_right(self._runs, start, key=_first)][1]
        if isinstance(run, tuple):
            yield run
            return
        if self._spots is None:
            self._spots = {}
            for at, one in located(self._data, _BASE64):
                self._spots.setdefault(one, []).append(at)
        for at in self._spots[run]:
            after = self._data[at + len(run) : at + len(run) + 2] if self.encoding == "base64" else b""
            yield at, at + len(run) + len(after) - len(after.lstrip(b"="))


def located(data: bytes, table: bytes) -> Iterator[tuple[int, bytes]]:
    """(place, run) of each run of what `table` does not turn into a blank, in one pass."""
    at = 0
    for run in data.translate(table).split():
        at = data.find(run, at)  # between two runs there is none of their characters
        yield at, run
        at += len(run)


def _first(run: tuple[int, bytes | tuple[int, int]]) -> int:
    return run[0]


def _end(piece: tuple[int, int, int, int]) -> int:
    return piece[1]


def escapes(data: bytes, parent: Decoded | None = None) -> Iterator[Decoded]:
    """`data` without colours, with backslash escapes undone, with percent escapes undone: each where there are any.

    Only lines that hold an escape are given back.
    """
    for mark, encoding, undo in _ESCAPES:
        if mark in data:
            decoded = _undone(data, mark, encoding, undo, parent)
            if decoded:
                yield decoded


def _undone(
    data: bytes, mark: bytes, encoding: str, undo: Callable[[bytes, int], Undone], parent: Decoded | None
) -> Decoded | None:
    pieces: list[bytes] = []
    changed: list[tuple[int, int, int, int]] = []
    at = size = 0
    place = data.find(mark)
    while place >= 0:
        found = undo(data, place)
        place = data.find(mark, found[1] if found else place + len(mark))
        if found is None or found[0] < at:
            continue
        for start, end, instead in (_passed(data, at, found[0]), found):
            if end > start:
                pieces += (data[at:start], instead)
                size += start - at
                changed.append((size, size + len(instead), start, end))
                size, at = size + len(instead), end
    if not changed:
        return None
    last = data.find(b"\n", at)
    pieces.append(data[at:] if last < 0 else data[at:last])
    return Decoded(b"".join(pieces), encoding, parent, changed)


def _passed(data: bytes, at: int, start: int) -> tuple[int, int, bytes]:
    """The lines between two escapes that hold none of them, as a piece that is one line end now."""
    first, last = data.find(b"\n", at, start), data.rfind(b"\n", at, start)
    if at == 0 and last >= 0:
        return 0, last + 1, b""
    return (first, last + 1, b"\n") if last > first else (at, at, b"")


def _percent(data: bytes, at: int) -> Undone:
    code = _hexadecimal(data[at + 1 : at + 3], 2)
    return None if code is None else (at, at + 3, bytes((code,)))


def _backslash(data: bytes, at: int) -> Undone:
    """JSON (RFC 8259), C and `printf %q`; `'\\''` is how a shell quotes a quote."""
    if data[at - 1 : at + 3] == b"'\\''" and at:
        return at - 1, at + 3, b"'"
    char = data[at + 1 : at + 2]
    if char in _NAMED:
        return at, at + 2, _NAMED[char]
    if char in (b"u", b"x"):
        digits = 4 if char == b"u" else 2
        code = _hexadecimal(data[at + 2 : at + 2 + digits], digits)
        if code is not None:
            instead = chr(code).encode("utf-8", "surrogatepass") if digits == 4 else bytes((code,))
            return at, at + 2 + digits, instead
    octal = data[at + 1 : at + 4]
    if len(octal) == 3 and not octal.strip(b"01234567") and octal < b"400":
        return at, at + 4, bytes((int(octal, 8),))
    return (at, at + 2, char) if char else None


def _colour(data: bytes, at: int) -> Undone:
    """A control sequence (ECMA-48, 5.4): ESC, `[`, parameters, one final byte."""
    if data[at + 1 : at + 2] != b"[":
        return None
    end = at + 2
    while end < at + 32 and data[end : end + 1] and data[end] < 0x40:
        end += 1
    return (at, end + 1, b"") if data[end : end + 1] and 0x40 <= data[end] < 0x7F else None


def _quote(data: bytes, at: int) -> Undone:  # noqa: ARG001 - the table's form
    return at, at + len(_QUOTE), b"'"


def _hexadecimal(digits: bytes, count: int) -> int | None:
    return int(digits, 16) if len(digits) == count and not digits.strip(_HEX) else None


_ESCAPES: tuple[tuple[bytes, str, Callable[[bytes, int], Undone]], ...] = (
    (b"\x1b", "ansi", _colour),
    (b"\\", "escape", _backslash),
    (b"%", "percent", _percent),
    (_QUOTE, "shell", _quote),
)


def runs(data: bytes, shortest: int, seen: set[bytes], parent: Decoded | None = None) -> Iterator[Decoded]:
    """What runs of base64 or hexadecimal digits in `data` say, where it can hold `shortest` printable bytes.

    `seen` has the runs that were decoded before. base64 is read from each of four digits on: what stands before it
    may be digits, too (`/token/aGVsbG8`).
    """
    least = (shortest * 4 + 2) // 3
    found = {
        run
        for run in set(data.translate(_BASE64).split())
        if len(run) >= least and (not run.islower() or (len(run) >= 2 * shortest and _is_hex(run)))
    }
    wrapped = any(len(run) in _WIDTHS for run in found)
    found -= seen
    seen |= found
    said: dict[str, list[tuple[bytes, bytes | tuple[int, int]]]] = {"base64": [], "hex": []}
    for run in found:
        for text, encoding in _decoded(run, shortest):
            said[encoding].append((text, run))
    for start, end, run in _blocks(data) if wrapped else ():
        for text, encoding in _decoded(run, shortest):
            said[encoding].append((text, (start, end)))
    for encoding, texts in said.items():
        if texts:
            yield Runs(encoding, parent, data, texts)


def _is_hex(run: bytes) -> bool:
    return not run.removeprefix(b"0x").strip(_HEX)


def _decoded(run: bytes, shortest: int) -> Iterator[tuple[bytes, str]]:
    from binascii import Error, a2b_base64, unhexlify

    digits = run.removeprefix(b"0x")
    if len(digits) % 2 == 0 and _is_hex(run):
        text = _printable(unhexlify(digits), shortest)
        if text:
            yield text, "hex"
    if run.islower():
        return
    run = run.translate(_URL_SAFE)
    for skipped in range(4):
        part = run[skipped:]
        part = part[:-1] if len(part) % 4 == 1 else part + b"=" * (-len(part) % 4)
        try:
            text = _printable(a2b_base64(part), shortest)
        except Error:  # pragma: no cover - the length is right and so are the digits
            continue
        if text:
            yield text, "base64"


def _printable(text: bytes, shortest: int) -> bytes:
    """Its stretches of `shortest` and more printable ASCII bytes, as lines: what is no encoded text has hardly any."""
    return b"\n".join([part for part in text.translate(_STRETCHES).split(b"\0") if len(part) >= shortest])


def _blocks(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(start, end, digits) of runs that were wrapped into lines of one length; the last line may be shorter."""
    held: list[bytes] = []
    begin = end = at = 0
    for line in data.split(b"\n"):
        bare = line.strip()
        fits = bool(bare) and b" " not in bare.rstrip(b"=").translate(_BASE64)
        if held and fits and len(bare) <= len(held[0]):
            held.append(bare.rstrip(b"="))
            end = at + len(line.rstrip())
        if held and not (fits and len(bare) == len(held[0])):
            if len(held) > 1:
                yield begin, end, b"".join(held)
            held = []
        if not held and fits and len(bare) in _WIDTHS:
            held, begin, end = [bare], at + len(line) - len(line.lstrip()), at + len(line.rstrip())
        at += len(line) + 1
    if len(held) > 1:
        yield begin, end, b"".join(held)
