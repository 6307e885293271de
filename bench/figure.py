"""One measured figure, with its goal and what it was measured against."""

from __future__ import annotations

import json
import operator
from dataclasses import dataclass

COMPARE = {"<=": operator.le, ">=": operator.ge, "==": operator.eq, "<": operator.lt, ">": operator.gt}


@dataclass(frozen=True)
class Figure:
    """A figure that was measured in this run.

    `figure` is its exact name in SPEC.md, `n` how many samples stand behind `value`, `goal` a comparison such as
    `"<= 15"` in `unit` or empty where none is promised. `reference` names the peer or floor that was measured in the
    same run, with its own value in the same unit. Where `value` is itself the ratio of two measurements, `ours` is our
    own one and `reference_value` the peer's, and `median` is the ratio of the rounds' middle where `value` is that of
    the fastest. Raises ValueError for a goal that is not a comparison.
    """

    figure: str
    value: float
    unit: str
    n: int
    goal: str = ""
    reference: str = ""
    reference_value: float | None = None
    ours: float | None = None
    median: float | None = None

    def __post_init__(self) -> None:
        if bool(self.reference) != (self.reference_value is not None):
            raise ValueError(f"{self.figure}: a reference comes with its value, and a value with its name")
        if self.goal:
            _split(self.goal)

    @property
    def holds(self) -> bool | None:
        """Whether the goal is met; None where there is no goal."""
        if not self.goal:
            return None
        compare, bound = _split(self.goal)
        return bool(COMPARE[compare](self.value, bound))

    @property
    def ratio(self) -> float | None:
        """Value over reference, or the value where that is the ratio; None without a reference, or where it is zero."""
        if self.ours is not None:
            return self.value
        return self.value / self.reference_value if self.reference_value else None

    def line(self) -> str:
        """The figure as one line of JSON; keys without a meaning here are left out."""
        row: dict[str, object] = {"figure": self.figure, "value": _short(self.value), "unit": self.unit, "n": self.n}
        if self.goal:
            row |= {"goal": self.goal, "holds": self.holds}
        if self.reference_value is not None:
            row |= {"reference": self.reference, "reference_value": _short(self.reference_value)}
            more = {"ours": self.ours, "ratio": self.ratio, "median": self.median}
            row |= {name: _short(number) for name, number in more.items() if number is not None}
        return json.dumps(row)


def _split(goal: str) -> tuple[str, float]:
    compare, _, bound = goal.partition(" ")
    if compare not in COMPARE:
        raise ValueError(f"goal {goal!r} is not a comparison and a number, such as '<= 15'")
    return compare, float(bound)


def _short(value: float) -> float:
    """Four significant digits: more would claim a precision that no run here has."""
    return float(f"{value:.4g}") if abs(value) < 10_000 else round(value)
