from __future__ import annotations

from secretguard.verdict import ALLOW, ASK, DENY, REDACT, Verdict


def test_verdict_is_a_value_with_its_reason() -> None:
    """Outcome, reason and rule are kept as given; a rule spoke unless it is said that none did."""
    verdict = Verdict(DENY, "Never. Way on: ask.", "never")
    assert (verdict.outcome, verdict.reason, verdict.rule, verdict.default) == (
        DENY,
        "Never. Way on: ask.",
        "never",
        False,
    )
    assert "never" in repr(verdict)


def test_outcomes_are_four_different_words() -> None:
    """The words are the ones that records and reports use."""
    assert {ALLOW, REDACT, ASK, DENY} == {"allow", "redact", "ask", "deny"}
