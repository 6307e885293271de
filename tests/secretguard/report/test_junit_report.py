"""JUnit: a failed test a finding, counts that add up, and XML whatever a file is called."""

from __future__ import annotations

from xml.etree import ElementTree as xml

from hypothesis import given
from hypothesis import strategies as st

from secretguard.report import junit_report
from secretguard.report.located import Scan, Skipped
from tests.secretguard.report.test_json_report import FOUND, MADE, VALUE


def test_cases_and_counts() -> None:
    """Findings fail, accepted findings and gaps are skipped, the counts say so."""
    scan = Scan([FOUND, FOUND._replace(accepted="pragma")], [Skipped("b", "binary", 3)], 4, 5)
    suites = xml.fromstring(junit_report.render(scan, MADE))
    [suite] = suites
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "2")
    assert [len(case.findall("failure")) for case in suite] == [1, 0, 0]
    assert [len(case.findall("skipped")) for case in suite] == [0, 1, 1]
    assert suites.get("time") == "2.500"


def test_a_clean_scan_is_a_passed_test() -> None:
    """A CI that complains about an empty report sees one test."""
    [[case]] = xml.fromstring(junit_report.render(Scan([], [], 3, 9), MADE))
    assert (case.get("name"), len(case)) == ("3 files", 0)


@given(st.text(), st.text())
def test_any_path_and_value(path: str, description: str) -> None:
    """Control characters, lone surrogates and markup in names end in well-formed ASCII."""
    evil = FOUND._replace(path=path, description=description)
    text = junit_report.render(Scan([evil]), MADE)
    assert text.isascii()
    xml.fromstring(text)


def test_secret_only_when_asked() -> None:
    """The value is in the report only with show_secrets."""
    assert VALUE not in junit_report.render(Scan([FOUND]), MADE)
    assert VALUE in junit_report.render(Scan([FOUND]), MADE, True)
