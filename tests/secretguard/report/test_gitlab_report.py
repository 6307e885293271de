"""GitLab's report: the fields that its schema requires, the patterns that they must have."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from secretguard.detect.registry import RULES
from secretguard.report import gitlab_report
from secretguard.report.located import Commit, Scan, Skipped
from tests.secretguard.report.gitlab_schema import Report
from tests.secretguard.report.test_json_report import FOUND, MADE, VALUE


def test_a_finding_and_a_gap() -> None:
    """Where a finding is, a byte of its name that is not UTF-8 in ASCII; what was not scanned is a message."""
    report = Report.model_validate_json(gitlab_report.render(Scan([FOUND], [Skipped("b", "binary")]), MADE))
    assert [one.value for one in report.scan.messages] == ["b: not scanned: binary"]
    [one] = report.vulnerabilities
    assert (one.location.file, one.location.start_line, one.location.end_line) == ("a\\xff.txt", 1, 1)


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
