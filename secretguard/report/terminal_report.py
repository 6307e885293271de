"""The report for a person at a terminal: places that editors jump to, and for each rule what to do, with commands.

Findings come in the order of the scan; many of them come by rule, the most severe first. Nothing is left out: a place
or a value is never cut, whatever the width.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import IO, Any

import click

from secretguard.report import advice, text_report
from secretguard.report.located import Located, Scan
from secretguard.terminal import printable

MANY = 20
"""From this many findings on they come by rule."""

_COLOURS: dict[str, dict[str, Any]] = {
    "critical": {"fg": "red", "bold": True},
    "high": {"fg": "red"},
    "medium": {"fg": "yellow"},
    "low": {"fg": "cyan"},
}


def coloured(stream: IO[Any]) -> bool:
    """Whether to write colours to `stream`: a terminal that shows them, and nobody said no (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def columns(stream: IO[Any]) -> int:
    """How wide the terminal of `stream` is; 0 where it is none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80 if stream.isatty() else 0
    except (OSError, ValueError):
        return 80


def render(scan: Scan, width: int, colour: bool, baseline: str, show_secrets: bool = False) -> str:
    """The whole report for `width` columns. `baseline` is the file that accepting commands name."""
    found = scan.open_findings
    groups = advice.by_rule(found)
    blocks = []
    if found and len(found) < MANY:
        blocks.append([_line(finding, width, colour, show_secrets) for finding in found])
    for rule, members in groups:
        block = [click.style(printable(advice.heading(rule, members)), **_style(members[0], colour))]
        if len(found) >= MANY:
            block += [_line(finding, width, colour, show_secrets) for finding in members]
        blocks.append(block + advice.paragraphs(rule, members, baseline, width))
    if found:
        blocks.append(["A comment `pragma: allowlist secret` on its line accepts a finding, too."])
    blocks.append([*map(printable, scan.notes), text_report.summary(scan)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _line(finding: Located, width: int, colour: bool, show_secrets: bool) -> str:
    """`path:line:col: rule  value  description`, without the description where it does not fit, and the rest below."""
    place = f"{printable(finding.path)}:{finding.line}:{finding.column}"
    value = printable(finding.secret.reveal()) if show_secrets else finding.masked
    words = [finding.rule_id, value, f"{finding.description} ({finding.confidence} confidence)"]
    if _length(place, words) > width:
        words = words[:2]
    extras = text_report.extras(finding)
    below = [] if _length(place, [*words, *extras]) <= width else extras
    shown = "  ".join(words if below else [*words, *extras])
    first = f"{click.style(place, bold=True) if colour else place}: {click.style(shown, **_style(finding, colour))}"
    return "\n".join([first, *(f"    {extra}" for extra in below)])


def _length(place: str, words: Iterable[str]) -> int:
    return len(place) + 2 + len("  ".join(words))


def _style(finding: Located, colour: bool) -> dict[str, Any]:
    return _COLOURS[finding.severity] if colour else {"reset": False}
