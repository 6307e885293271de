"""JSON lines: a line a finding, a line a gap, the totals last."""

from __future__ import annotations

import json

from secretguard.report import jsonl_report
from secretguard.report.located import Scan, Skipped
from tests.secretguard.report.test_json_report import FOUND, MADE, VALUE


def test_lines() -> None:
    """Findings first, then what was skipped, then one summary."""
    text = jsonl_report.render(Scan([FOUND], [Skipped("b", "binary", 7)], 2, 99), MADE)
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["kind"] for line in lines] == ["finding", "skipped", "summary"]
    assert lines[0]["rule_id"] == "rule"
    assert lines[1]["reason"] == "binary"
    assert (lines[2]["findings"], lines[2]["open"], lines[2]["skipped"]) == (1, 1, 1)
    assert text.isascii()
    assert VALUE not in text


def test_secret_only_when_asked() -> None:
    """The value is in the report only with show_secrets."""
    assert VALUE in jsonl_report.render(Scan([FOUND]), MADE, True)
