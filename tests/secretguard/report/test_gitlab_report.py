"""GitLab's report: the fields that its schema requires, the patterns that they must have."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from secretguard.report import gitlab_report
from secretguard.report.located import Scan, Skipped
from tests.secretguard.report.test_json_report import FOUND, MADE, VALUE


def test_required_fields() -> None:
    """What schema 15 requires of a secret detection report, from scan, scanner and analyzer down to each location."""
    document = json.loads(gitlab_report.render(Scan([FOUND], [Skipped("b", "binary")]), MADE))
    assert set(document) == {"version", "scan", "vulnerabilities"}
    assert re.fullmatch(r"15\.\d+\.\d+", document["version"])
    scan = document["scan"]
    assert (scan["type"], scan["status"]) == ("secret_detection", "success")
    for name in ("start_time", "end_time"):
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", scan[name])
    for name in ("analyzer", "scanner"):
        assert {"id", "name", "version", "vendor"} <= set(scan[name])
        assert scan[name]["vendor"]["name"]
    assert scan["messages"] == [{"level": "warn", "value": "b: not scanned: binary"}]
    [one] = document["vulnerabilities"]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", one["id"])
    assert one["severity"] in ("Critical", "High", "Medium", "Low", "Info", "Unknown")
    assert one["location"]["commit"]["sha"]
    assert (one["location"]["start_line"], one["location"]["end_line"]) == (1, 1)
    assert all({"type", "name", "value"} == set(identifier) for identifier in one["identifiers"])


def test_no_value_and_nothing_accepted() -> None:
    """The secret is never in it, whatever is asked; an accepted finding is left out."""
    assert VALUE not in gitlab_report.render(Scan([FOUND]), MADE, True)
    document = gitlab_report.document(Scan([replace(FOUND, accepted="baseline")]), MADE)
    assert document["vulnerabilities"] == []
