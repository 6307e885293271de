"""The rule lint: what may not go into the pack is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secretguard.detect import lint
from secretguard.detect.registry import RULES
from secretguard.detect.rule import Pattern

GOOD = next(rule for rule in RULES if rule.id == "github-token")


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        (r"curl[\s\S]{0,20}python", "line end"),
        (r"a\sb", "line end"),
        (r"a[^\"]{3}", "line end"),
        (r"a\Wb", "line end"),
        (r"a\nb", "line end"),
        ("token [^a]", "line end"),
        ("(?s)a.b", "line end"),
        ("x(?i-m:a)(?is:.)", "line end"),
        ("a+", "may match"),
        (r"key=.{0,20000}", "may match"),
        ("(unclosed", "not a regular expression"),
    ],
)
def test_dangerous_pattern_is_named(pattern: str, word: str) -> None:
    """Unbounded patterns, patterns that cross a line end and broken ones are refused, with the reason."""
    found = lint.problems(replace(GOOD, patterns=(Pattern(pattern),)))
    assert any(word in problem for problem in found)


@pytest.mark.parametrize("pattern", [r"a[^\n]b", "a.b", r"[^\s]{1,5}", r"\d{3}\w", "[a-z-]{1,9}"])
def test_safe_pattern_passes(pattern: str) -> None:
    """Bounded patterns on one line have no problems."""
    assert lint.problems(replace(GOOD, patterns=(Pattern(pattern),))) == []


def test_look_around_is_for_confirm_only() -> None:
    """Stage 1 cannot look around; the second stage may, even at a line end."""
    assert lint.problems(replace(GOOD, patterns=(Pattern(r"(?<!\s)ab", "ab"),))) == []
    for pattern in ("(?<!x)ab", r"(a)\1", "a{1,3}?b"):
        assert "look-around" in lint.problems(replace(GOOD, patterns=(Pattern(pattern),)))[0]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"id": "Not Kebab"}, "kebab"),
        ({"examples": GOOD.examples[:1]}, "two examples"),
        ({"near_misses": ()}, "two near misses"),
        ({"judge": "nobody"}, "nobody"),
        ({"url": "http://x"}, "https"),
        ({"revoke": ""}, "revoke"),
    ],
)
def test_form_is_checked(change: dict[str, object], word: str) -> None:
    """A rule without what a reader needs is refused."""
    assert word in lint.problems(replace(GOOD, **change))[0]  # type: ignore[arg-type]
