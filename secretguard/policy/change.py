"""One thing that is otherwise in a proposed policy, in words, and which way it goes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable


@dataclasses.dataclass(frozen=True, slots=True)
class Ways:
    """Whether something is made tighter, looser, both (for different requests) or neither (words alone)."""

    tightens: bool = False
    loosens: bool = False

    def __or__(self, other: Ways) -> Ways:
        return Ways(self.tightens or other.tightens, self.loosens or other.loosens)

    @property
    def word(self) -> str:
        """`tightens`, `loosens`, `both` or `same`."""
        return {(True, False): "tightens", (False, True): "loosens", (True, True): "both"}.get(
            (self.tightens, self.loosens), "same"
        )


SAME, TIGHTENS, LOOSENS = Ways(), Ways(tightens=True), Ways(loosens=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """One line for those who have to agree."""

    ways: Ways
    text: str


def together(ways: Iterable[Ways]) -> Ways:
    """All of them at once."""
    total = SAME
    for one in ways:
        total |= one
    return total


def larger(old: int, new: int) -> Ways:
    """Of a number of which more means more rights."""
    return LOOSENS if new > old else TIGHTENS if new < old else SAME
