"""The report for people where it goes to a file or a pipe: one line a finding, a summary, and the way on.

At a terminal `terminal_report` takes its place. This one loads nothing that a scan has not loaded.
"""

from __future__ import annotations

from collections import Counter

from secretguard.report import advice
from secretguard.report.located import Commit, Located, Scan
from secretguard.terminal import printable

BASELINE = ".secrets.baseline"
"""The file that commands name which accept a finding, where nobody named another."""


def render(scan: Scan, show_secrets: bool = False, baseline: str = BASELINE) -> str:
    """The whole report. `path:line:col` can be clicked in most terminals and editors."""
    found = scan.open_findings
    lines = [_line(finding, show_secrets) for finding in found]
    lines += [*scan.notes, summary(scan)]
    if found:
        lines.append(_way_on(found, baseline))
    return "\n".join(lines) + "\n"


def _line(finding: Located, show_secrets: bool) -> str:
    place = f"{printable(finding.path)}:{finding.line}:{finding.column}"
    value = printable(finding.secret.reveal()) if show_secrets else finding.masked
    text = f"{finding.rule_id}  {finding.description}  {printable(value)}  ({finding.confidence} confidence)"
    return "  ".join([f"{place}: {text}", *extras(finding)])


def extras(finding: Located) -> list[str]:
    """What there is to say of a finding beside the usual, each in brackets: its commit, who accepted it, a remark."""
    found = [_came_in(finding.commit)] if finding.commit else []
    if finding.overruled:
        found.append(f"[accepted by {finding.overruled}, which this scan does not honour]")
    if finding.remark:
        found.append(f"[{printable(finding.remark)}]")
    return found


def _came_in(commit: Commit) -> str:
    held = {True: "still at HEAD", False: "not at HEAD", None: "at HEAD: unknown"}[commit.at_head]
    return f"[{commit.id[:10]}, {commit.date[:10]}, {printable(commit.author)}; {held}]"


def summary(scan: Scan) -> str:
    """One line: what was scanned, what was found, and what was left out and why."""
    found, accepted = len(scan.open_findings), len(scan.findings) - len(scan.open_findings)
    commits = f"{_count(scan.commits, 'commit')}, " if scan.commits else ""
    text = f"{commits}{_count(scan.files, 'file')}, {_amount(scan.bytes)} scanned: {_count(found, 'finding')}"
    if accepted:
        text += f", {accepted} accepted"
    if scan.skipped:
        reasons = Counter(item.reason for item in scan.skipped)
        left = ", ".join(f"{number} {reason}" for reason, number in reasons.most_common())
        text += f"; skipped {_count(len(scan.skipped), 'item')}, {_amount(sum(s.bytes for s in scan.skipped))} ({left})"
    return text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _amount(number: int) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if number < 1024 or unit == "MiB":
            break
        number = round(number / 1024)
    return f"{number} {unit}"


def _way_on(found: list[Located], baseline: str) -> str:
    ours = sorted({finding.rule_id for finding in found if ":" not in finding.rule_id})[:3]
    how = f": `secretguard rules show RULE` says how ({', '.join(ours)})" if ours else " where it was issued"
    return (
        f"Real? Take it out, then revoke it{how}.\n"
        "Not a secret? Put `pragma: allowlist secret` in a comment on its line, or accept it in the baseline: "
        f"`{advice.accepting(found, baseline)}`."
    )
