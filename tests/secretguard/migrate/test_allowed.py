"""What gitleaks passes over: the same findings, and no others."""

from __future__ import annotations

import io

import pytest

from secretguard.detect import made_up
from secretguard.migrate.allowed import Seen, at_fingerprint, by_allowlist, same_rule
from secretguard.migrate.gitleaks import Fingerprint, config
from secretguard.pipeline import Scanner
from tests.secretguard.detect import engines

ONE, TWO = made_up.github("ghp_"), made_up.github("ghp_", "b")
AWS = "AKIA" + "Q7ZK3MWX5RTY2PLB"


def seen(line: str) -> list[Seen]:
    """What our rules find in a line."""
    data = line.encode()
    found = Scanner(engines.hyperscan(), b"k" * 32).stream("src/a.py", io.BytesIO(data).read, len(data)).findings
    return [Seen(one, line, one.start_offset) for one in found]


LINE = f'token = "{ONE}"  # sample'


@pytest.mark.parametrize(
    ("allowlist", "accepts"),
    [
        ("paths = ['^src/']", True),
        ("paths = ['^docs/']", False),
        (f"regexes = ['{ONE[:9]}']", True),
        ("regexes = ['sample']", False),
        ("regexes = ['sample']\nregexTarget = 'line'", True),
        ("regexes = ['sample']\nregexTarget = 'match'", False),
        (f"regexes = ['token.*{ONE[:9]}']\nregexTarget = 'match'", True),
        (f"stopwords = ['{ONE[4:9].upper()}']", True),
        ("stopwords = ['sample']", False),
        ("paths = ['^src/']\nregexes = ['nothing']", True),
        ("paths = ['^src/']\nregexes = ['nothing']\ncondition = 'AND'", False),
        (f"paths = ['^src/']\nregexes = ['{ONE[:9]}']\ncondition = 'AND'", True),
        ("paths = ['^src/']\ncommits = ['abc']\ncondition = 'AND'", False),
        ("commits = ['abc']", False),
        ("description = 'nothing'", False),
    ],
)
def test_allowlists(allowlist: str, accepts: bool) -> None:
    """Paths, regexes on secret, match or line, stop words; any of them, or all."""
    [one] = seen(LINE)
    assert bool(by_allowlist(config("g", f"[allowlist]\n{allowlist}"), "src/a.py", one)) is accepts


@pytest.mark.parametrize(("rule", "accepts"), [("github-pat", True), ("aws-access-token", False), ("acme", False)])
def test_allowlists_of_rules(rule: str, accepts: bool) -> None:
    """An allowlist of a rule is for what that rule finds; so is one for named rules."""
    [one] = seen(LINE)
    of_rule = f"[[rules]]\nid = '{rule}'\n[[rules.allowlists]]\npaths = ['src']"
    of_all = f"[[allowlists]]\ntargetRules = ['{rule}']\npaths = ['src']"
    for text in (of_rule, of_all):
        assert bool(by_allowlist(config("g", text), "src/a.py", one)) is accepts


def test_a_rule_with_an_expression() -> None:
    """Where the project gives a rule's expression, that decides whether it finds what we found."""
    [one] = seen(LINE)
    mine = config(
        "g", "[[rules]]\nid = 'mine'\nregex = 'ghp_[A-Za-z0-9]{36}'\n[[rules]]\nid = 'github-pat'\nregex = 'zzz'"
    )
    assert same_rule("mine", mine, one)
    assert not same_rule("github-pat", mine, one)
    assert same_rule("github-pat", None, one)


FAMILIES = [
    ("github-pat", LINE, True), ("gitlab-pat", LINE, False), ("generic-api-key", LINE, False),
    ("aws-access-token", f"id = '{AWS}'", True), ("private-key", LINE, False),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "line", "same"), FAMILIES)
def test_names_of_rules(rule: str, line: str, same: bool) -> None:
    """gitleaks' own rules are known by the vendor in their name."""
    [one] = seen(line)
    assert same_rule(rule, None, one) is same


def test_a_fingerprint_is_about_its_own_rule() -> None:
    """Of two secrets in a line only that of the rule is accepted; an unknown rule accepts nothing."""
    line = f"a = '{ONE}'; id = '{AWS}'"
    both = seen(line)
    assert len(both) == 2

    def at(rule: str, there: list[Seen]) -> set[str]:
        return {one.secret.reveal() for one in at_fingerprint(Fingerprint(1, "src/a.py", rule, 1), None, there)}

    assert at("aws-access-token", both) == {AWS}
    assert at("github-pat", both) == {ONE}
    assert at("acme", both) == set()
    assert at("generic-api-key", both) == set()
    assert at("generic-api-key", seen(LINE)) == {ONE}
    assert at("github-pat", []) == set()
