"""The frame of the benches: one JSON line a figure, goals decided, nothing invented."""

from __future__ import annotations

import json
import sys
import types

import pytest

from bench.__main__ import main
from bench.figure import Figure
from bench.needs import Needs


@pytest.mark.parametrize(
    ("value", "goal", "holds"),
    [(15, "<= 15", True), (15.1, "<= 15", False), (7, ">= 8", False), (0, "== 0", True), (3, "", None)],
)
def test_a_goal_decides(value: float, goal: str, holds: bool | None) -> None:
    """A figure holds exactly when its value stands in the goal's relation to its bound."""
    assert Figure("f", value, "ms", 1, goal).holds is holds


def test_a_line_has_the_promised_keys() -> None:
    """With a goal and a reference, a line carries every key of the contract and the ratio of the two values."""
    row = json.loads(Figure("hook", 12.0, "ms", 40, "<= 15", "no-op", 6.0).line())
    assert row == {
        "figure": "hook", "value": 12.0, "unit": "ms", "n": 40, "goal": "<= 15", "holds": True,
        "reference": "no-op", "reference_value": 6.0, "ratio": 2.0,
    }  # fmt: skip


def test_no_reference_no_ratio() -> None:
    """Without a reference a line has neither reference nor ratio."""
    assert set(json.loads(Figure("f", 1, "ms", 1).line())) == {"figure", "value", "unit", "n"}


@pytest.mark.parametrize("bad", ["about 3", "=< 3", "<= many"])
def test_a_goal_that_is_no_comparison_is_refused(bad: str) -> None:
    """A goal that nothing can decide is an error where it is written, not a silent pass."""
    with pytest.raises(ValueError, match=r"goal|could not convert"):
        Figure("f", 1, "ms", 1, bad)


def test_a_ratio_comes_with_both_values() -> None:
    """A reference without a value, or a value without a name, is refused."""
    with pytest.raises(ValueError, match="reference"):
        Figure("f", 1, "ms", 1, reference="peer")
    with pytest.raises(ValueError, match="reference"):
        Figure("f", 1, "ms", 1, reference_value=2.0)


def bench_named(monkeypatch: pytest.MonkeyPatch, run: object) -> None:
    """Stand `run` in for the bench `audit`."""
    module = types.ModuleType("bench.audit")
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bench.audit", module)


def test_a_missed_goal_fails_the_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 1 when a goal is missed, and the figure is printed all the same."""
    bench_named(monkeypatch, lambda: [Figure("slow", 20, "ms", 3, "<= 15")])
    assert main(["audit", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["holds"] is False


def test_a_need_reports_no_figure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A bench that lacks a part says so and yields no figure; with nothing else measured the status is 2."""

    def run() -> list[Figure]:
        raise Needs("a Vault server: make parts")

    bench_named(monkeypatch, run)
    assert main(["audit", "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "needs a Vault server: make parts" in printed.err


def test_an_unknown_name_is_refused() -> None:
    """A name that no bench has ends with status 2."""
    with pytest.raises(SystemExit) as leave:
        main(["nonsense"])
    assert leave.value.code == 2


def test_a_ratio_of_two_measurements_carries_both() -> None:
    """Where the value is a ratio, the line has it as `ratio`, the values of both, and the ratio of the middle."""
    row = json.loads(Figure("tree vs peer", 2.0, "x", 5, ">= 2", "peer 1.0: s", 3.0, 1.5, 1.9).line())
    assert (row["value"], row["ratio"], row["median"]) == (2.0, 2.0, 1.9)
    assert (row["reference"], row["reference_value"], row["ours"], row["holds"]) == ("peer 1.0: s", 3.0, 1.5, True)
