"""SARIF: what the official validator says of it, and what viewers rely on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from secretguard.report import sarif_report
from secretguard.report.located import Scan, Skipped
from tests.secretguard.report.test_json_report import FOUND, MADE, VALUE

ONE = FOUND._replace(path="src/a b#é.py", char_column=2, char_end_column=22)
ACCEPTED = ONE._replace(accepted="baseline", rule_id="github-token", encoding=("base64",))
SCAN = Scan([ONE, ACCEPTED, FOUND], [Skipped("b", "binary"), Skipped("c", "ignored by .gitignore", chosen=True)], 3, 9)


def test_the_official_validator_finds_no_error(part: Callable[[str], Path], tmp_path: Path) -> None:
    """Microsoft's multitool, which knows the schema and more, reports no error; a broken log has some."""
    log, broken = tmp_path / "good.sarif", tmp_path / "broken.sarif"
    log.write_text(sarif_report.render(SCAN, MADE))
    broken.write_text(log.read_text().replace('"startLine": 1', '"startLine": 0'))
    assert errors(part("sarif"), log) == []
    assert errors(part("sarif"), broken)


def errors(tool: Path, log: Path) -> list[str]:
    verdict = log.with_suffix(".verdict")
    command = [str(tool), "validate", str(log), "--output", str(verdict), "--level", "Error;Warning;Note"]
    subprocess.run(command, check=False, capture_output=True, timeout=120)
    results = json.loads(verdict.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    return [one["ruleId"] for one in results if one.get("level", "warning") == "error"]


def test_results_and_rules() -> None:
    """Each result points to its rule; levels, regions, names and suppressions as viewers read them."""
    [run] = sarif_report.document(SCAN, MADE)["runs"]
    rules, results = run["tool"]["driver"]["rules"], run["results"]
    assert [rule["id"] for rule in rules] == ["github-token", "rule"]
    assert [rules[one["ruleIndex"]]["id"] for one in results] == ["rule", "github-token", "rule"]
    assert [one["level"] for one in results] == ["note"] * 3
    assert "suppressions" not in results[0]
    assert results[1]["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "baseline"}]
    assert results[1]["properties"]["encoding"] == ["base64"]
    assert len({one["partialFingerprints"]["secretguard/v1"] for one in results}) == 3
    assert rules[0]["properties"]["security-severity"] == "2.0"


def test_places() -> None:
    """Addresses are escaped and relative; columns count characters and are left out where they are not known."""
    [run] = sarif_report.document(SCAN, MADE)["runs"]
    first, last = (one["locations"][0]["physicalLocation"] for one in (run["results"][0], run["results"][2]))
    assert first["artifactLocation"] == {"uri": "src/a%20b%23%C3%A9.py", "uriBaseId": "SRCROOT"}
    region = {"startLine": 1, "endLine": 1, "startColumn": 2, "endColumn": 22, "byteOffset": 1, "byteLength": 20}
    assert first["region"] == region
    assert "startColumn" not in last["region"]
    assert last["artifactLocation"]["uri"] == "a%FF.txt"
    assert sarif_report.artifact("/tmp/x y")["uri"] == "file:///tmp/x%20y"
    assert sarif_report.artifact("./x")["uri"] == "x"
    assert sarif_report.artifact("a:b/c")["uri"] == "a%3Ab/c"


def test_gaps_are_notifications() -> None:
    """What could not be scanned is said; what was left out by choice is not."""
    [run] = sarif_report.document(SCAN, MADE)["runs"]
    [invocation] = run["invocations"]
    assert [one["message"]["text"] for one in invocation["toolExecutionNotifications"]] == ["not scanned: binary"]


def test_secret_only_when_asked() -> None:
    """The value is in the report only with show_secrets."""
    assert VALUE not in sarif_report.render(SCAN, MADE)
    assert VALUE in sarif_report.render(SCAN, MADE, True)
