"""Findings on clean source: each scanner's report is counted as it is, and a missing peer is left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import accuracy
from bench.needs import Needs
from secretguard.detect import made_up


def test_each_report_is_counted(tmp_path: Path) -> None:
    """A JSON list, also an empty or a missing one's null; JSON lines among others."""
    report = tmp_path / "report"
    report.write_text('[{"a": 1}, {"a": 2}]')
    assert accuracy.READERS["betterleaks"](b"", report) == 2
    report.write_text("null")
    assert accuracy.READERS["betterleaks"](b"", report) == 0
    (tmp_path / "other.json").write_text("[1]")
    assert accuracy.READERS["betterleaks"](b"", tmp_path / "other") == 1
    rows = b'{"rule": {"id": "x"}}\nnoise\n{"findings": 1}\n{"rule": {"id": "y"}}\n'
    assert accuracy.READERS["kingfisher"](rows, report) == 2


def test_ours_are_counted_by_confidence(tmp_path: Path) -> None:
    """One token of a vendor's form is one finding at high."""
    (tmp_path / "a.py").write_text(f"t = '{made_up.github('ghp_')}'\n")
    assert accuracy._ours(tmp_path)["high"] == 1


def test_the_least_peer_stands_beside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Figures are scaled by the tree's size; a peer that is not here is named and left out."""
    monkeypatch.setattr(accuracy, "tree", lambda: (tmp_path, 60 << 20))
    monkeypatch.setattr(accuracy, "_ours", lambda _: accuracy.Counter({"high": 6, "low": 14}))
    monkeypatch.setattr(accuracy, "_peer", lambda name, _: {"kingfisher": 40}.get(name))
    high, reported = accuracy.run()
    assert (high.value, high.holds, high.reference_value) == (2, False, pytest.approx(40 / 3))
    assert (reported.value, reported.holds, reported.n) == (1, True, 20)
    assert "kingfisher" in reported.reference
    assert "betterleaks" not in reported.reference
    assert json.loads(high.line())["unit"] == "findings"


def test_a_missing_peer_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is no zero."""

    def missing(*_: object) -> list[str]:
        raise Needs("betterleaks: make parts-bench")

    monkeypatch.setattr(accuracy.peers, "command", missing)
    assert accuracy._peer("betterleaks", tmp_path) is None
    assert "betterleaks is left out" in capsys.readouterr().err
