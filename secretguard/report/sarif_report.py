"""SARIF 2.1.0 (OASIS), as GitHub code scanning and other viewers take it.

Columns count Unicode code points, as the format demands; where a line is too long for that, the region has lines and
byte offsets alone. Accepted findings are there with a suppression, so that a viewer can show who accepted what.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote

from secretguard.detect.registry import BY_ID
from secretguard.report.identity import stable
from secretguard.report.located import Located, Scan, Skipped
from secretguard.report.made import Made

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.0", "low": "2.0"}
"""GitHub's `security-severity`: over 9 critical, 7 to 8.9 high, 4 to 6.9 medium, below that low."""

PRECISION = {"high": "very-high", "medium": "high", "low": "medium"}
_KINDS = {"pragma": "inSource", "baseline": "external"}


def render(scan: Scan, made: Made, show_secrets: bool = False) -> str:
    """One run as a SARIF log, ASCII only."""
    return json.dumps(document(scan, made, show_secrets), indent=1, ensure_ascii=True) + "\n"


def document(scan: Scan, made: Made, show_secrets: bool = False) -> dict[str, Any]:
    """The log as plain data."""
    rules = _rules(scan.findings)
    places = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {
        "name": made.tool["name"],
        "version": made.tool["version"],
        "rules": rules,
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder that the scan was started in."}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [_gap(one) for one in scan.gaps]}],
        "results": [_result(finding, name, places, show_secrets) for finding, name in stable(scan.findings)],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(findings: list[Located]) -> list[dict[str, Any]]:
    """A descriptor for each rule that found something, in a stable order."""
    seen = {finding.rule_id: finding for finding in findings}
    described = []
    for name, finding in sorted(seen.items()):
        advice = BY_ID[name].revoke if name in BY_ID else "Revoke it where it was issued, then take it out."
        one: dict[str, Any] = {
            "id": name,
            "shortDescription": {"text": finding.description},
            "help": {"text": advice, "markdown": advice},
            "defaultConfiguration": {"level": LEVELS[finding.severity]},
            "properties": {
                "tags": ["security", "secret"],
                "precision": PRECISION[finding.confidence],
                "security-severity": SCORES[finding.severity],
            },
        }
        if name in BY_ID:
            one["helpUri"] = BY_ID[name].url
        described.append(one)
    return described


def _result(finding: Located, name: str, places: dict[str, int], show_secrets: bool) -> dict[str, Any]:
    shown = finding.secret.reveal() if show_secrets else finding.masked
    result: dict[str, Any] = {
        "ruleId": finding.rule_id,
        "ruleIndex": places[finding.rule_id],
        "level": LEVELS[finding.severity],
        "message": {"text": f"{finding.description}: {shown}"},
        "locations": [{"physicalLocation": {"artifactLocation": artifact(finding.path), "region": _region(finding)}}],
        "partialFingerprints": {"secretguard/v1": name},
        "properties": {"confidence": finding.confidence},
    }
    if finding.encoding:
        result["properties"]["encoding"] = list(finding.encoding)
    if finding.commit:
        result["properties"] |= {"commit": finding.commit.id, "author": finding.commit.author}
        result["properties"] |= {"date": finding.commit.date, "atHead": finding.commit.at_head}
    if marked := finding.accepted or finding.overruled:
        status = "accepted" if finding.accepted else "rejected"  # rejected: the result counts (SARIF 2.1.0, 3.35.3)
        result["suppressions"] = [
            {"kind": _KINDS.get(marked, "external"), "status": status, "justification": finding.remark or marked}
        ]
    return result


def _region(finding: Located) -> dict[str, int]:
    region = {"startLine": finding.line, "endLine": finding.end_line}
    if finding.char_column and finding.char_end_column:
        region |= {"startColumn": finding.char_column, "endColumn": finding.char_end_column}
    length = finding.end_offset - finding.start_offset
    return region | {"byteOffset": finding.start_offset, "byteLength": length}


def artifact(path: str) -> dict[str, str]:
    """An artifactLocation: relative to the scanned folder where the path is, a `file:` address where it is absolute."""
    raw = quote(path.replace(os.sep, "/").encode("utf-8", "surrogateescape"), safe="/!@$&'()*+,;=~")
    if os.path.isabs(path):
        return {"uri": f"file://{raw}"}
    while raw.startswith("./"):
        raw = raw[2:]
    return {"uri": raw, "uriBaseId": "SRCROOT"}


def _gap(item: Skipped) -> dict[str, Any]:
    where = [{"physicalLocation": {"artifactLocation": artifact(item.path)}}]
    return {"level": "warning", "message": {"text": f"not scanned: {item.reason}"}, "locations": where}
