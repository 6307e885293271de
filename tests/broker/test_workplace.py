"""Where a task works: what a token proves, what a launcher only states, and that no name passes for another kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.workplace import MAX_TEXT, NOWHERE, Workplace, allowed, branch_of, proved, stated

GITHUB = {"repository": "acme/web", "ref": "refs/heads/main", "ref_type": "branch"}
GITLAB = {"project_path": "acme/tools/web", "ref": "main", "ref_path": "refs/heads/main"}


def test_what_ci_systems_prove() -> None:
    """Whole refs of GitHub and GitLab, a short name of Buildkite."""
    assert proved(GITHUB, "repository", "ref", "") == Workplace("acme/web", "main", "proved")
    assert proved(GITLAB, "project_path", "ref_path", "") == Workplace("acme/tools/web", "main", "proved")
    assert proved({"build_branch": "main"}, "", "", "build_branch") == Workplace("", "main", "proved")


@pytest.mark.parametrize("value", [None, 7, ["acme/web"], "a" * (MAX_TEXT + 1), "a\nb", ""])
def test_a_claim_that_is_no_plain_text_proves_nothing(value: object) -> None:
    """Nothing is guessed from it."""
    assert proved({"repository": value, "ref": value}, "repository", "ref", "") == NOWHERE


def test_claims_that_are_not_named_prove_nothing() -> None:
    """An issuer whose people may choose a claim called `repository` is not asked for it."""
    assert proved(GITHUB, "", "", "") == NOWHERE


@pytest.mark.parametrize(
    ("ref", "branch"),
    [
        ("refs/heads/main", "main"),
        ("refs/heads/release/1.2", "release/1.2"),
        ("refs/tags/v1", "refs/tags/v1"),
        ("refs/pull/7/merge", "refs/pull/7/merge"),
        ("refs/heads/refs/tags/v1", "refs/heads/refs/tags/v1"),
        ("refs/heads/refs/heads/main", "refs/heads/refs/heads/main"),
        ("main", ""),
        ("", ""),
    ],
)
def test_a_ref_is_a_branch_or_keeps_its_whole_name(ref: str, branch: str) -> None:
    """A branch called refs/tags/v1 is no tag."""
    assert branch_of(ref) == branch


def test_a_short_name_that_looks_like_a_ref_is_none() -> None:
    """A branch that somebody called refs/heads/main is not main."""
    assert proved({"b": "refs/heads/main"}, "", "", "b").branch == "refs/heads/refs/heads/main"


@given(st.text(max_size=30), st.text(max_size=30))
def test_two_refs_are_never_one_branch(first: str, second: str) -> None:
    """Different refs keep different names."""
    one, two = branch_of(f"refs/{first}"), branch_of(f"refs/{second}")
    assert (one == two) is (first == second)


def test_patterns_and_what_is_not_known() -> None:
    """No pattern means anything; where there is one, an unknown name fits none, not even `**`."""
    assert allowed((), "")
    assert allowed((), "acme/web")
    assert allowed(("acme/*",), "acme/web")
    assert not allowed(("acme/*",), "evil/web")
    assert not allowed(("**",), "")


def test_what_is_stated_says_so() -> None:
    """Nothing stated is nowhere."""
    assert stated("acme/web", "main") == Workplace("acme/web", "main", "stated")
    assert stated("", "") == NOWHERE
