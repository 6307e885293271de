"""An Edit that names a placeholder, made into the same Edit of the file as it is without naming one. Pure. Hot path.

What stands before and after the placeholder in both texts is cut off with it; what is left must be found once in the
file, and is widened by lines that hold no secret until it is. The client then never sees a value, and none is printed.
"""

from __future__ import annotations

from secretguard.guard.values import Value, places, put_back

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WIDEST = 20
"""Lines by which a text is widened on either side, at most."""

ABSENT, SEVERAL, OVER, BESIDE = "absent", "several", "over", "beside"
"""Why there is no such Edit: the old text is not in the file; it is there several times; the change goes over a
placeholder; what stands beside it is not unique."""


class Trimmed:
    """The texts of the Edit to make instead, or in `why` one of the words above; `at` is where the old text is."""

    __slots__ = ("at", "new", "old", "why")

    def __init__(self, why: str = "", at: int = -1, old: bytes = b"", new: bytes = b"") -> None:
        self.why = why
        self.at = at
        self.old = old
        self.new = new


def trimmed(
    text: bytes, old: bytes, new: bytes, values: Mapping[str, Value], secrets: Iterable[tuple[int, int]]
) -> Trimmed:
    """The Edit of `text` (as the client shows the file) that does what `old` → `new` says, its old text without a
    placeholder. `secrets` are the spans of `text` that must not be shown.
    """
    whole = put_back(old, values)
    at = text.find(whole)
    if at < 0 or not whole:
        return Trimmed(ABSENT)
    if text.find(whole, at + 1) >= 0:
        return Trimmed(SEVERAL, at)
    head = _head(old, new, values)
    tail = _tail(old[head:], new[head:])
    middle, wanted = old[head : len(old) - tail], new[head : len(new) - tail]
    start = at + len(whole) - len(put_back(old[head:], values))
    end = at + len(whole) - (len(put_back(old[len(old) - tail :], values)) if tail else 0)
    if places(middle) or text[start:end] != middle:
        return Trimmed(OVER, at)
    span = _unique(text, start, end, list(secrets), bool(wanted))
    if span is None:
        return Trimmed(BESIDE, at)
    left, right = span
    return Trimmed("", at, text[left:right], text[left:start] + wanted + text[end:right])


def _head(old: bytes, new: bytes, values: Mapping[str, Value]) -> int:
    """Where the last placeholder ends that both texts begin with."""
    same = _same(old, new)
    head = 0
    for _, end, digits in places(old[:same]):
        value = values.get(digits)
        past = value.past(old, end) if value else end
        if past <= same and (not value or value.past(new, end) == past):
            head = past
    return head


def _tail(old: bytes, new: bytes) -> int:
    """How many bytes from its first placeholder on both texts end with."""
    same = _same(old[::-1], new[::-1])
    ending = old[len(old) - same :]
    return same - places(ending)[0][0] if places(ending) else 0


def _same(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    for at, (own, its) in enumerate(zip(one, other, strict=False)):
        if own != its:
            return at
    return min(len(one), len(other))


def _unique(
    text: bytes, start: int, end: int, secrets: list[tuple[int, int]], anything: bool
) -> tuple[int, int] | None:
    """The least span around `start:end`, between secrets, that is in `text` once; with more than itself where the new
    text would be empty: the client then takes a line end with it.
    """
    lowest = max((stop for begin, stop in secrets if begin < start), default=0)
    highest = min((begin for begin, stop in secrets if stop > end), default=len(text))
    if lowest > start or highest < end:
        return None
    left, right = start, end
    for _ in range(_WIDEST):
        window = text[left:right]
        enough = bool(window) and (anything or (left, right) != (start, end))
        if enough and text.find(window) == left and text.find(window, left + 1) < 0:
            return left, right
        if (left, right) == (lowest, highest):
            return None
        left = max(lowest, text.rfind(b"\n", 0, max(left - 1, 0)) + 1 if left else 0)
        stop = text.find(b"\n", right) + 1
        right = min(highest, stop or len(text))
    return None
