"""What a detector found: a located span in one fragment's bytes. Hot path: imports nothing."""

from __future__ import annotations

LOW, MEDIUM, HIGH = "low", "medium", "high"


class Finding:
    """One span `data[start:end]` (byte offsets, end exclusive) that holds a secret, exactly: no quotes, no name.

    `value` is the secret as bytes: the decoded value where `encoding` names the codecs that were undone, outermost
    first. `rule_id` is kebab-case and stable; `confidence` and `severity` are low, medium or high. `groups` are
    not kept: a connection string's span is its password alone.
    """

    __slots__ = ("confidence", "description", "encoding", "end", "rule_id", "severity", "start", "value")

    def __init__(
        self,
        rule_id: str,
        description: str,
        confidence: str,
        severity: str,
        start: int,
        end: int,
        value: bytes,
        encoding: tuple[str, ...] = (),
    ) -> None:
        self.rule_id = rule_id
        self.description = description
        self.confidence = confidence
        self.severity = severity
        self.start = start
        self.end = end
        self.value = value
        self.encoding = encoding

    def __repr__(self) -> str:  # never the value: a finding is printed in tracebacks and test output
        return f"Finding({self.rule_id!r}, {self.confidence!r}, {self.start}:{self.end})"
