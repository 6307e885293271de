"""Every format of a report for machines, by the name that `--format` takes. The text for people is `text_report`.

Loaded when asked for: a commit hook that prints text should not wait for SARIF's rule descriptions.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from secretguard.report.located import Scan
from secretguard.report.made import Made

Render = Callable[[Scan, Made, bool], str]

FORMATS = {
    "json": "json_report",
    "jsonl": "jsonl_report",
    "sarif": "sarif_report",
    "gitlab": "gitlab_report",
    "junit": "junit_report",
    "detect-secrets": "detect_secrets_report",
}
"""Name → the module beside this one whose `render` makes it."""


def renderer(name: str) -> Render:
    """The function that renders format `name`: (scan, made, show secrets) → text. Raises KeyError."""
    render: Render = import_module(f"secretguard.report.{FORMATS[name]}").render
    return render
