"""Each plugin of the real detect-secrets is served: strings drawn from its own expressions are found by our rules."""

from __future__ import annotations

import re
from typing import Any

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from secretguard.detect.detect_secrets import PLUGINS
from secretguard.detect.judge import entropy
from secretguard.detect.registry import RULES
from secretguard.detect.words import looks_made_up
from tests.secretguard.detect import engines

CLASSES: dict[str, Any] = {cls.__name__: cls for cls in get_mapping_from_secret_type_to_class().values()}

NARROWER = {
    "ArtifactoryDetector": "the plugin takes `AKC` with 10 characters; keys have 73",
    "AWSKeyDetector": "its second expression takes any 40 characters near `aws`",
    "AzureStorageKeyDetector": "the plugin takes padding in the middle of the key",
    "GitHubTokenDetector": "the plugin takes an underscore in the token",
    "CloudantDetector": "24 letters of the old format need a name beside them",
    "DiscordBotTokenDetector": "the judge wants digits",
    "JwtTokenDetector": "the plugin takes two parts without a signature; the judge wants an algorithm",
    "MailchimpDetector": "the plugin takes any letters where the key is hexadecimal",
    "NpmDetector": "the plugin takes `npm_` and anything",
    "PrivateKeyDetector": "the plugin takes a header without a key",
    "SlackDetector": "the plugin takes tokens of any length",
    "SoftlayerDetector": "the judge wants digits",
    "SquareOAuthDetector": "the plugin takes a backslash in the token",
    "TelegramBotTokenDetector": "the plugin does not ask for the AA that every token has",
    "TwilioKeyDetector": "the plugin takes any letters where the key is hexadecimal",
    "IbmCosHmacDetector": "the judge wants more than a repeated pattern",
    "IbmCloudIamDetector": "the plugin takes 44 characters after the mere word `key`",
    "BasicAuthDetector": "trivial passwords and templates are no findings",
}
"""Plugins whose expressions are wider than the vendor's format, and what ours asks for beyond them."""


def test_every_plugin_is_accounted_for() -> None:
    """The table names the plugins of the installed detect-secrets, all of them, and rules that exist."""
    assert set(PLUGINS) == set(CLASSES)
    ids = {rule.id for rule in RULES}
    assert {rule for rules in PLUGINS.values() for rule in rules} <= ids
    assert [name for name, rules in PLUGINS.items() if not rules] == ["IPPublicDetector"]


@pytest.mark.parametrize("name", [name for name in CLASSES if hasattr(CLASSES[name], "denylist") and PLUGINS[name]])
def test_our_examples_satisfy_the_plugin(name: str) -> None:
    """At least one example of the rules that serve a plugin is a secret to the plugin itself."""
    plugin = CLASSES[name]()
    examples = [text for rule in RULES if rule.id in PLUGINS[name] for text, _ in rule.examples]
    assert any(
        plugin.analyze_line(filename="f", line=line, line_number=1) for text in examples for line in text.split("\n")
    )


EXACT = ["OpenAIDetector", "PypiTokenDetector", "SendGridDetector", "StripeDetector"]


@pytest.mark.parametrize("name", EXACT)
def test_what_the_plugin_takes_is_found(name: str) -> None:
    """Random strings of the plugin's own expression are found, unless they are visibly made up."""
    for expression in CLASSES[name].denylist:
        plain = re.compile(expression.pattern.replace("*", "{0,20}").replace(",}", ",120}"), re.ASCII)

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.from_regex(plain, fullmatch=True))
        def found(text: str) -> None:
            assume(not looks_made_up(text.encode()) and entropy(text.encode()) > 4.0)
            assert [f.rule_id for f in engines.hyperscan().scan(f"x = {text} ".encode()) if f.rule_id in PLUGINS[name]]

        found()


def test_the_table_of_differences_is_complete() -> None:
    """Every regex plugin is either exact, looked at in its own rules' tests, or its difference is written down."""
    regex = {name for name in CLASSES if hasattr(CLASSES[name], "denylist") and PLUGINS[name]}
    assert regex == set(NARROWER) | set(EXACT) | {"GitLabTokenDetector"}
