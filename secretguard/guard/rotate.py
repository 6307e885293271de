"""Where a leaked credential of each kind is made worthless: the provider's own page. Imported on an exposure alone."""

from __future__ import annotations

_KNOWN = "known-value"
"""The rule of values of a project's own files (`detect/known.py`): whose they are nobody can tell."""
_PAGES = {
    "anthropic": "https://console.anthropic.com/settings/keys",
    "atlassian": "https://id.atlassian.com/manage-profile/security/api-tokens",
    "aws": "https://console.aws.amazon.com/iam/home#/security_credentials",
    "azure": "https://portal.azure.com",
    "cloudflare": "https://dash.cloudflare.com/profile/api-tokens",
    "datadog": "https://app.datadoghq.com/organization-settings/api-keys",
    "digitalocean": "https://cloud.digitalocean.com/account/api/tokens",
    "discord": "https://discord.com/developers/applications",
    "docker": "https://app.docker.com/settings/personal-access-tokens",
    "github": "https://github.com/settings/tokens",
    "gitlab": "https://gitlab.com/-/user_settings/personal_access_tokens",
    "google": "https://console.cloud.google.com/apis/credentials",
    "groq": "https://console.groq.com/keys",
    "heroku": "https://dashboard.heroku.com/account",
    "huggingface": "https://huggingface.co/settings/tokens",
    "linear": "https://linear.app/settings/api",
    "npm": "https://docs.npmjs.com/revoking-access-tokens",
    "openai": "https://platform.openai.com/api-keys",
    "openrouter": "https://openrouter.ai/settings/keys",
    "replicate": "https://replicate.com/account/api-tokens",
    "sendgrid": "https://app.sendgrid.com/settings/api_keys",
    "slack": "https://api.slack.com/apps",
    "stripe": "https://dashboard.stripe.com/apikeys",
    "supabase": "https://supabase.com/dashboard/account/tokens",
    "tailscale": "https://login.tailscale.com/admin/settings/keys",
    "telegram": "https://t.me/BotFather",
    "terraform": "https://app.terraform.io/app/settings/tokens",
    "twilio": "https://console.twilio.com",
}
"""First word of a rule's id → the page of its provider on which such credentials are revoked."""


def page(rule: str) -> str:
    """The page for a rule's credentials, or the command that says what to do where there is no one page."""
    if rule == _KNOWN:
        return "where it was issued"
    return _PAGES.get(rule.partition("-")[0]) or f"`secretguard rules show {rule}`"
