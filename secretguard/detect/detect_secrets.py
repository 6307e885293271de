"""How each of the 27 plugins of detect-secrets 1.5 is served, so that a user can swap one tool for the other.

The regular expressions of the plugins are not loaded at run time: several are unbounded, cross line ends or look
around, which stage 1 refuses. Each is ported to bounded rules of the pack; `tests/.../test_detect_secrets.py` draws
strings from the plugins' own expressions and holds the two together.
"""

from __future__ import annotations

PLUGINS: dict[str, tuple[str, ...]] = {
    "ArtifactoryDetector": ("artifactory-key",),
    "AWSKeyDetector": ("aws-access-key-id", "aws-secret-access-key"),
    "AzureStorageKeyDetector": ("azure-storage-key",),
    "Base64HighEntropyString": ("generic-secret-quoted", "generic-secret-bare", "env-secret"),
    "BasicAuthDetector": ("url-basic-auth", "connection-string-password"),
    "CloudantDetector": ("cloudant-key",),
    "DiscordBotTokenDetector": ("discord-bot-token",),
    "GitHubTokenDetector": ("github-token",),
    "GitLabTokenDetector": ("gitlab-token",),
    "HexHighEntropyString": ("generic-secret-quoted", "generic-secret-bare", "env-secret"),
    "IbmCloudIamDetector": ("ibm-cloud-iam-key",),
    "IbmCosHmacDetector": ("ibm-cos-hmac-key",),
    "IPPublicDetector": (),
    "JwtTokenDetector": ("jwt",),
    "KeywordDetector": ("generic-secret-quoted", "generic-secret-bare", "env-secret"),
    "MailchimpDetector": ("mailchimp-api-key",),
    "NpmDetector": ("npm-token",),
    "OpenAIDetector": ("openai-api-key",),
    "PrivateKeyDetector": ("private-key", "putty-private-key"),
    "PypiTokenDetector": ("pypi-token",),
    "SendGridDetector": ("sendgrid-api-key",),
    "SlackDetector": ("slack-token", "slack-webhook"),
    "SoftlayerDetector": ("softlayer-api-key",),
    "SquareOAuthDetector": ("square-token",),
    "StripeDetector": ("stripe-secret-key",),
    "TelegramBotTokenDetector": ("telegram-bot-token",),
    "TwilioKeyDetector": ("twilio-api-key", "twilio-account-sid"),
}
"""Plugin class → the rules that serve it.

IPPublicDetector has none: a public address is no secret, and a guard that hides every address and four-part version
from an agent would be switched off within the hour. The two entropy plugins and the keyword plugin read any quoted
string; here the name beside the value has to say secret, which the generic rules do with the same entropy idea.
"""
