"""Patterns: what fits, what must not, and that no text makes it slow."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.authenticate.pattern import MAX_TEXT, covers, matches


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("acme/shop", "acme/shop", True),
        ("acme/shop", "acme/shops", False),
        ("acme/*", "acme/shop", True),
        ("acme/*", "acme/", True),
        ("acme/*", "acme/shop/x", False),
        ("acme/*", "evil/acme/shop", False),
        ("acme/**", "acme/shop/x:y", True),
        ("repo:acme/*:ref:refs/heads/main", "repo:acme/shop:ref:refs/heads/main", True),
        ("repo:acme/*:ref:refs/heads/main", "repo:acme/x:pull_request:ref:refs/heads/main", False),
        ("repo:acme/*:ref:refs/heads/*", "repo:acme/shop:ref:refs/heads/feature/x", False),
        ("repo:acme/*:ref:refs/heads/**", "repo:acme/shop:ref:refs/heads/feature/x", True),
        ("*", "", True),
        ("**", "a/b:c", True),
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "aXbY", False),
        ("***", "a/b", True),
        ("a.c", "abc", False),
        ("", "", True),
        ("", "x", False),
        ("*", "a\nb", True),
    ],
)
def test_what_a_pattern_means(pattern: str, text: str, fits: bool) -> None:
    """A star keeps to its segment, two do not, everything else is itself."""
    assert matches(pattern, text) is fits


@given(st.text("ab/:*", max_size=12), st.text("ab/:", max_size=12))
def test_it_means_what_the_regular_expression_would(pattern: str, text: str) -> None:
    """Checked against Python's own engine, which would be slow where this one is not."""
    words = {"**": ".*", "*": "[^/:]*"}
    model = "".join(words.get(one) or re.escape(one) for one in re.findall(r"\*\*|.", pattern))
    assert matches(pattern, text) is bool(re.fullmatch(model, text, re.DOTALL))


def test_hostile_texts_cost_no_more_than_others() -> None:
    """What makes a backtracking engine explode is looked at once a letter; what is too long fits nothing."""
    assert not matches("*a" * 100 + "!", "a" * MAX_TEXT)
    assert not matches("**", "a" * (MAX_TEXT + 1))


@given(st.text("ab/:*", max_size=8), st.text("ab/:*", max_size=8), st.lists(st.text("ab/:", max_size=8), max_size=20))
def test_what_covers_another_fits_all_that_it_fits(wide: str, narrow: str, texts: list[str]) -> None:
    """No text is found that the narrow one fits and the wide one does not."""
    for text in [*texts, narrow.replace("**", "a/b").replace("*", "b"), narrow.replace("*", "")]:
        if covers(wide, narrow) and matches(narrow, text):
            assert matches(wide, text)


@pytest.mark.parametrize(
    ("wide", "narrow", "does"),
    [
        ("acme/*", "acme/web", True),
        ("acme/*", "acme/web-*", True),
        ("acme/*", "acme/*", True),
        ("acme/**", "acme/*/x", True),
        ("**", "acme/**", True),
        ("acme/*", "acme/**", False),
        ("*/*", "**", False),
        ("acme/web", "acme/*", False),
        ("acme/*", "other/web", False),
    ],
)
def test_which_patterns_cover_which(wide: str, narrow: str, does: bool) -> None:
    """One star takes one star in, two take anything."""
    assert covers(wide, narrow) is does
