"""Every rule of the registry proves itself on its own examples and near misses."""

from __future__ import annotations

import pytest

from secretguard import pack_build
from secretguard.detect.registry import RULES
from secretguard.detect.rule import Rule
from tests.secretguard.detect import engines

IDS = [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_examples_are_found_exactly(rule: Rule) -> None:
    """Each example gives one finding, by this rule, whose span is the secret and nothing else."""
    for text, secret in rule.examples:
        data = text.encode()
        [finding] = engines.hyperscan().scan(data)
        assert finding.rule_id == rule.id
        assert data[finding.start : finding.end] == secret.encode() == finding.value


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_near_misses_are_not_found_by_the_rule(rule: Rule) -> None:
    """What is one step off the vendor's format, or a placeholder, is no finding of the rule."""
    for text in rule.near_misses:
        assert rule.id not in [finding.rule_id for finding in engines.hyperscan().scan(text.encode())]


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_examples_are_found_between_other_lines(rule: Rule) -> None:
    """An example is found at the same place relative to its text wherever in a file it stands, CRLF included."""
    for text, secret in rule.examples:
        for before, after in (("x = 1\n" * 40, "\nend\n"), ("line one\r\n", "\r\n"), ("é ü\n", "")):
            data = (before + text + after).encode()
            found = [f for f in engines.hyperscan().scan(data) if f.rule_id == rule.id]
            assert [f.value for f in found] == [secret.encode()], before


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_cut_example_is_no_finding_of_the_whole(rule: Rule) -> None:
    """Where an example's text is cut in half, nothing that reaches past the cut is reported."""
    for text, _ in rule.examples:
        half = text.encode()[: len(text) // 2]
        assert all(finding.end <= len(half) for finding in engines.hyperscan().scan(half))


def test_rules_pass_the_lint() -> None:
    """Every rule keeps to the form that the pack demands, and no id is used twice."""
    assert pack_build.check() == []


def test_promised_providers_are_covered() -> None:
    """Every provider that users were promised has a rule."""
    promised = (
        "anthropic aws azure cloudflare connection-string databricks datadog digitalocean discord docker doppler env",
        "generic github gitlab google heroku http-basic http-bearer huggingface jwt linear mailchimp newrelic notion",
        "npm openai postman private-key pypi sendgrid sentry shopify slack square stripe telegram terraform twilio",
        "url-basic-auth vault",
    )
    names = " ".join(promised).split()
    missing = [name for name in names if not any(rule.startswith(name) for rule in IDS)]
    assert missing == []
