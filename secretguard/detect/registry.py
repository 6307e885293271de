"""Every rule of the pack, in order of precedence: of two equally sure rules that claim a span, the earlier wins.

To add a provider: write `rules/NAME.py` with `RULES`, put NAME into the list, run `secretguard rules test`.
"""

from __future__ import annotations

from importlib import import_module

from secretguard.detect.rule import Rule

PROVIDERS = """
    algolia anthropic artifactory atlassian aws azure cloudflare databricks datadog digitalocean discord docker doppler
    fastly github gitlab google grafana groq heroku huggingface ibm linear mailchimp newrelic notion npm okta openai
    openrouter postman pulumi pypi replicate rubygems sendgrid sentry shopify slack square stripe supabase tailscale
    telegram terraform twilio vault
""".split()  # noqa: SIM905 - four hundred names as words can be read
"""One file a provider, by name: formats that a vendor describes."""

GENERAL = ("private_key", "connection", "jwt", "http", "generic")
"""Then what any vendor may use, from the plainest shape to the vaguest; a provider's own rule goes before them."""


def _rules(name: str) -> tuple[Rule, ...]:
    rules: tuple[Rule, ...] = import_module(f"secretguard.detect.rules.{name}").RULES
    return rules


RULES: tuple[Rule, ...] = tuple(rule for name in (*PROVIDERS, *GENERAL) for rule in _rules(name))

BY_ID = {rule.id: rule for rule in RULES}

PEER_TYPES = {rule.id: rule.peer_type for rule in RULES if rule.peer_type}
"""Rule → the name under which detect-secrets keeps the same kind of secret."""
