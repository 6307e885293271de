"""GitLab's secret detection report (security report schema 15): what the merge request widget and dashboards read.

Accepted findings are left out: GitLab has no word for a finding that somebody accepted elsewhere.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from secretguard.detect.registry import BY_ID
from secretguard.report.identity import stable
from secretguard.report.located import Located, Scan
from secretguard.report.made import Made
from secretguard.terminal import name_as_text

VERSION = "15.1.4"
"""Of the schema (gitlab-org/security-products/security-report-schemas)."""

SEVERITIES = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}
NO_COMMIT = "0000000"
"""What GitLab's own analyzers write where no commit is known."""

_NAMESPACE = uuid.UUID("5f0a5a41-4d3c-5a0c-9e0f-6c6b5f0c9a53")
_LONGEST_NAME = 255


def render(scan: Scan, made: Made, _: bool = False) -> str:
    """The report as JSON, ASCII only. Secrets are never in it: GitLab stores it where many may read."""
    return json.dumps(document(scan, made), indent=1, ensure_ascii=True) + "\n"


def document(scan: Scan, made: Made) -> dict[str, Any]:
    """The report as plain data."""
    described = {
        "id": made.tool["name"],
        "name": made.tool["name"],
        "vendor": {"name": made.tool["name"]},
        "version": made.tool["version"],
    }
    run = {
        "analyzer": described,
        "scanner": described,
        "type": "secret_detection",
        "start_time": _moment(made.began),
        "end_time": _moment(made.ended),
        "status": "success",
        "messages": [
            {"level": "warn", "value": f"{name_as_text(one.path)}: not scanned: {one.reason}"} for one in scan.gaps
        ],
    }
    found = [_vulnerability(finding, name) for finding, name in stable(scan.findings) if not finding.accepted]
    return {"version": VERSION, "scan": run, "vulnerabilities": found}


def _vulnerability(finding: Located, name: str) -> dict[str, Any]:
    rule = BY_ID.get(finding.rule_id)
    path = name_as_text(finding.path)
    advice = rule.revoke if rule else "Revoke it where it was issued."
    return {
        "id": str(uuid.uuid5(_NAMESPACE, name)),
        "name": finding.description[:_LONGEST_NAME],
        "description": f"{finding.description} ({finding.masked}) at {path}:{finding.line}.",
        "severity": SEVERITIES[finding.severity],
        "solution": advice,
        "location": {
            "file": path,
            "commit": _commit(finding),
            "start_line": finding.line,
            "end_line": finding.end_line,
        },
        "identifiers": [
            {"type": "secretguard_rule_id", "name": f"secretguard rule {finding.rule_id}", "value": finding.rule_id}
        ],
    }


def _commit(finding: Located) -> dict[str, str]:
    if finding.commit is None:
        return {"sha": NO_COMMIT}
    return {"sha": finding.commit.id, "author": finding.commit.author, "date": finding.commit.date}


def _moment(seconds: float) -> str:
    """UTC without a zone mark, as the schema's pattern demands."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
