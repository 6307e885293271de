"""One JSON document a line: each finding, each skipped item, and the totals last, so that a cut-off report shows."""

from __future__ import annotations

import json
from collections.abc import Iterator

from secretguard.report.json_report import VERSION, finding_fields, scanned_fields, skipped_fields
from secretguard.report.located import Scan
from secretguard.report.made import Made


def render(scan: Scan, made: Made, show_secrets: bool = False) -> str:
    """Lines of kind `finding`, `skipped` and, once and last, `summary`; the fields of the JSON report, ASCII only."""
    return "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in _lines(scan, made, show_secrets))


def _lines(scan: Scan, made: Made, show_secrets: bool) -> Iterator[dict[str, object]]:
    for finding in scan.findings:
        yield {"kind": "finding", **finding_fields(finding, show_secrets)}
    for item in scan.skipped:
        yield {"kind": "skipped", **skipped_fields(item)}
    totals = {"findings": len(scan.findings), "open": len(scan.open_findings)}
    totals |= {"skipped": len(scan.skipped), "gaps": len(scan.gaps)}
    yield {
        "kind": "summary",
        "version": VERSION,
        "tool": made.tool,
        "offset_unit": "byte",
        "scanned": scanned_fields(scan),
        **totals,
    }
