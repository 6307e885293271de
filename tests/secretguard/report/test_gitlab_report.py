"""GitLab's report: the fields that its schema requires, the patterns that they must have."""

from __future__ import annotations

import json
import re

import pytest
from pydantic import ValidationError

from secretguard.detect.registry import RULES
from secretguard.report import gitlab_report
from secretguard.report.located import Commit, Scan, Skipped
from tests.secretguard.report.gitlab_schema import Report
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
    assert one["location"]["file"] == "a\\udcff.txt", "a byte that is not UTF-8 stands there in ASCII"


def test_no_value_and_nothing_accepted() -> None:
    """The secret is never in it, whatever is asked; an accepted finding is left out."""
    assert VALUE not in gitlab_report.render(Scan([FOUND]), MADE, True)
    document = gitlab_report.document(Scan([FOUND._replace(accepted="baseline")]), MADE)
    assert document["vulnerabilities"] == []


def test_the_report_of_every_rule_is_what_the_schema_allows() -> None:
    """With a commit and without, long names and odd paths, and something that was not scanned."""
    commit = Commit(id="0123abcd" * 5, author="Ann", date="2026-01-15T08:00:00Z")
    found = [
        FOUND._replace(rule_id=rule.id, description=rule.description, path=path, commit=origin)
        for rule in RULES
        for path, origin in (("a\u2028\x1b.py", None), ("d/" * 2000 + "x", commit))
    ]
    scan = Scan([*found, FOUND._replace(description="x" * 10_000)], [Skipped("", "no permission")])
    report = Report.model_validate_json(gitlab_report.render(scan, MADE))
    assert len(report.vulnerabilities) == len(found) + 1
    assert len({one.id for one in report.vulnerabilities}) == len(found) + 1


def test_the_schema_of_these_tests_refuses() -> None:
    """A missing commit, a time with a zone and an empty message are what GitLab would refuse, and so do we."""
    document = gitlab_report.document(Scan([FOUND], [Skipped("b", "binary")]), MADE)
    Report.model_validate(document)
    for broken in (
        {**document, "version": "15"},
        {**document, "scan": {**document["scan"], "start_time": "2026-01-15T08:00:00Z"}},
        {**document, "scan": {**document["scan"], "messages": [{"level": "warn", "value": ""}]}},
        {**document, "vulnerabilities": [{**document["vulnerabilities"][0], "location": {"file": "a"}}]},
    ):
        with pytest.raises(ValidationError):
            Report.model_validate(broken)
