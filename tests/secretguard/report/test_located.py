"""Results add up, and open findings are those that nobody accepted."""

from __future__ import annotations

from secretguard.report.located import Scan, Skipped
from tests.secretguard.report.test_json_report import FOUND, VALUE


def test_add_joins_two_parts() -> None:
    """Findings, skipped items, files and bytes of both parts."""
    scan = Scan([FOUND], [], 1, 10)
    scan.add(Scan([FOUND], [Skipped("x", "binary", 3)], 2, 20))
    assert (len(scan.findings), len(scan.skipped), scan.files, scan.bytes) == (2, 1, 3, 30)


def test_open_findings() -> None:
    """Accepted findings are kept, and are not open."""
    scan = Scan([FOUND, FOUND._replace(accepted="pragma")])
    assert scan.open_findings == [FOUND]


def test_result_does_not_print_the_secret() -> None:
    """A result in a traceback gives nothing away."""
    assert VALUE not in repr(Scan([FOUND]))
