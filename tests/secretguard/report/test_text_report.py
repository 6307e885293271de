"""The report for people: clickable places, masked values, no terminal tricks, and a way on."""

from __future__ import annotations

from secretguard.report import text_report
from secretguard.report.located import Scan, Skipped
from tests.secretguard.report.test_json_report import FOUND, VALUE


def test_finding_line_and_summary() -> None:
    """Place, rule, mask and confidence on a line; totals, skipped items with reasons, and what to do next."""
    scan = Scan([FOUND._replace(path="a.py")], [Skipped("b", "binary", 2048), Skipped("c", "binary", 0)], 3, 5000)
    lines = text_report.render(scan).splitlines()
    assert lines[0] == "a.py:1:2: rule  Rule  kJ8v…(20)  (high confidence)"
    assert lines[1] == "3 files, 5 KiB scanned: 1 finding; skipped 2 items, 2 KiB (2 binary)"
    assert "revoke" in lines[2]
    assert "pragma: allowlist secret" in lines[3]
    assert "`secretguard baseline accept .secrets.baseline a.py --finding " in lines[3]


def test_secret_only_when_asked() -> None:
    """The value is shown only with show_secrets."""
    assert VALUE not in text_report.render(Scan([FOUND]))
    assert VALUE in text_report.render(Scan([FOUND]), show_secrets=True)


def test_file_name_cannot_drive_the_terminal() -> None:
    """Escape sequences and line ends in a file name are shown, not sent."""
    evil = FOUND._replace(path="a\x1b[2J\n.py")
    text = text_report.render(Scan([evil]))
    assert "\x1b" not in text
    assert text.startswith("a\\x1b[2J\\n.py:1:2:")


def test_clean_scan_says_so() -> None:
    """Nothing found: one line. Accepted findings are counted, not listed."""
    assert text_report.render(Scan([], [], 1, 10)) == "1 file, 10 bytes scanned: 0 findings\n"
    accepted = Scan([FOUND._replace(accepted="baseline")], [], 1, 10)
    assert text_report.render(accepted) == "1 file, 10 bytes scanned: 0 findings, 1 accepted\n"


def test_the_way_on_names_rules_that_can_be_shown() -> None:
    """`rules show` knows our rules; what only detect-secrets found is revoked where it was issued."""
    theirs = FOUND._replace(rule_id="detect-secrets:jwt")
    both = text_report.render(Scan([theirs, FOUND]))
    assert f"says how ({FOUND.rule_id})" in both
    assert "revoke it where it was issued." in text_report.render(Scan([theirs]))
