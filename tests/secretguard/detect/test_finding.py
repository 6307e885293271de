from __future__ import annotations

import traceback

import pytest

from secretguard.detect.finding import HIGH, LOW, MEDIUM, Finding

VALUE = b"made-" + b"up-value-0123456789"


def test_finding_keeps_what_it_was_given() -> None:
    """Span, value, labels and codecs are there for redaction and report."""
    found = Finding("rule-id", "A rule", HIGH, MEDIUM, 3, 27, VALUE, ("base64",))
    assert (found.start, found.end, found.value, found.encoding) == (3, 27, VALUE, ("base64",))
    assert (found.rule_id, found.description, found.confidence, found.severity) == (
        "rule-id",
        "A rule",
        "high",
        "medium",
    )
    assert Finding("r", "d", LOW, LOW, 0, 1, b"x").encoding == ()


def test_printing_a_finding_does_not_show_the_value() -> None:
    """Findings appear in tracebacks and test output; the secret must not."""
    found = Finding("rule-id", "A rule", HIGH, HIGH, 3, 27, VALUE)
    with pytest.raises(ValueError) as caught:
        raise ValueError(found)
    text = "".join(traceback.format_exception(caught.value)) + f"{found} {[found]!r}"
    assert VALUE.decode() not in text
    assert "rule-id" in text
