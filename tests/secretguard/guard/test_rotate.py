"""Pages on which a leaked credential is made worthless."""

from __future__ import annotations

from secretguard.detect.known import RULE
from secretguard.detect.registry import BY_ID
from secretguard.guard.rotate import _PAGES, page


def test_every_page_belongs_to_a_rule() -> None:
    """A provider without a rule would never be told; all are on the web, encrypted."""
    providers = {rule.partition("-")[0] for rule in BY_ID}
    assert set(_PAGES) <= providers
    assert all(url.startswith("https://") for url in _PAGES.values())


def test_a_rule_without_a_page_names_the_command_that_says_what_to_do() -> None:
    """Nobody is sent to a page that is not theirs."""
    assert page("generic-secret-quoted") == "`secretguard rules show generic-secret-quoted`"
    assert page(RULE) == "where it was issued"
    assert page("github-token") == "https://github.com/settings/tokens"
