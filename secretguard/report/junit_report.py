"""JUnit XML, which every CI shows as tests: one failed test a finding, one passed test when there is none."""

from __future__ import annotations

import time
from xml.etree import ElementTree as xml  # built here, never parsed

from secretguard.report.located import Located, Scan, Skipped
from secretguard.report.made import Made
from secretguard.terminal import printable


def render(scan: Scan, made: Made, show_secrets: bool = False) -> str:
    """A `testsuites` document in ASCII. Accepted findings and what could not be scanned are skipped tests."""
    cases = [_finding(finding, show_secrets) for finding in scan.findings] + [_gap(item) for item in scan.gaps]
    if not scan.findings:
        cases.insert(0, _case(f"{scan.files} files", "secretguard"))
    counts = {
        "tests": len(cases),
        "failures": len(scan.open_findings),
        "errors": 0,
        "skipped": len(scan.findings) - len(scan.open_findings) + len(scan.gaps),
    }
    totals = {name: str(count) for name, count in counts.items()}
    seconds = f"{max(0.0, made.ended - made.began):.3f}"
    began = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(made.began))
    suites = xml.Element("testsuites", {"name": "secretguard", "time": seconds} | totals)
    suite = xml.SubElement(suites, "testsuite", {"name": "secretguard", "time": seconds, "timestamp": began} | totals)
    suite.extend(cases)
    xml.indent(suites, " ")
    text: bytes = xml.tostring(suites, encoding="us-ascii", xml_declaration=True)
    return text.decode("ascii") + "\n"


def _case(name: str, classname: str, **attributes: str) -> xml.Element:
    return xml.Element(
        "testcase", {"name": printable(name), "classname": printable(classname), "time": "0"} | attributes
    )


def _finding(finding: Located, show_secrets: bool) -> xml.Element:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    case = _case(f"{finding.rule_id} at {place}", finding.path, file=printable(finding.path), line=str(finding.line))
    if finding.accepted:
        xml.SubElement(case, "skipped", {"message": f"accepted: {finding.accepted}"})
        return case
    shown = printable(finding.secret.reveal()) if show_secrets else finding.masked
    message = f"{printable(finding.description)}: {shown}"
    failure = xml.SubElement(case, "failure", {"message": message, "type": finding.rule_id})
    failure.text = f"{printable(place)}: {message} ({finding.severity} severity, {finding.confidence} confidence)"
    return case


def _gap(item: Skipped) -> xml.Element:
    case = _case(f"not scanned: {item.path}", item.path)
    xml.SubElement(case, "skipped", {"message": printable(f"not scanned: {item.reason}, {item.bytes} bytes")})
    return case
