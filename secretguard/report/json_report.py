"""The JSON report, version 1. Offsets and columns count bytes; secrets are masked unless the user asked for them."""

from __future__ import annotations

import json
from typing import Any

from secretguard.report.located import Located, Scan, Skipped
from secretguard.report.made import Made

VERSION = 1


def document(scan: Scan, made: Made, show_secrets: bool = False) -> dict[str, Any]:
    """The report as plain data."""
    told: dict[str, Any] = {
        "version": VERSION,
        "tool": made.tool,
        "offset_unit": "byte",
        "findings": [finding_fields(finding, show_secrets) for finding in scan.findings],
        "scanned": scanned_fields(scan),
        "skipped": [skipped_fields(item) for item in scan.skipped],
    }
    return told | ({"notes": scan.notes} if scan.notes else {})


def scanned_fields(scan: Scan) -> dict[str, int]:
    """How much was scanned; `commits` where that was a history."""
    return {"files": scan.files, "bytes": scan.bytes} | ({"commits": scan.commits} if scan.commits else {})


def skipped_fields(item: Skipped) -> dict[str, Any]:
    """What a report says of something that was not scanned."""
    return {"path": item.path, "reason": item.reason, "bytes": item.bytes}


def finding_fields(finding: Located, show_secrets: bool) -> dict[str, Any]:
    """What a report says of a finding; the secret itself only with `show_secrets`."""
    shown: dict[str, Any] = {
        "rule_id": finding.rule_id,
        "description": finding.description,
        "confidence": finding.confidence,
        "severity": finding.severity,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "start_offset": finding.start_offset,
        "end_offset": finding.end_offset,
        "masked": finding.masked,
        "fingerprint": finding.fingerprint,
    }
    if finding.encoding:
        shown["encoding"] = list(finding.encoding)
    if finding.accepted or finding.overruled:
        shown["accepted"] = finding.accepted or finding.overruled
    if finding.overruled:
        shown["open"] = True
    if finding.remark:
        shown["remark"] = finding.remark
    if finding.commit:
        shown |= {"commit": finding.commit.id, "author": finding.commit.author, "date": finding.commit.date}
        shown["at_head"] = finding.commit.at_head
    if show_secrets:
        shown["secret"] = finding.secret.reveal()
    return shown


def render(scan: Scan, made: Made, show_secrets: bool = False) -> str:
    """The report as text, one JSON object, ASCII only: a path that is no UTF-8 survives as escapes."""
    return json.dumps(document(scan, made, show_secrets), indent=1, ensure_ascii=True) + "\n"
