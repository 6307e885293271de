"""Zapier: webhooks."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "https://hooks.zapier.com/hooks/catch/2929690/" + made_up.lower(6, "zapier-webhook")

RULES = (
    Rule(
        id="zapier-webhook",
        description="Zapier webhook",
        patterns=(token(r"https://hooks\.zapier\.com/hooks/catch/[0-9]{4,10}/", LOWER, 6, 10),),
        url="https://help.zapier.com/hc/en-us/articles/8496288690317",
        revoke="Delete the webhook in Zapier's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(
            "https://hooks.zapier.com/hooks/catch/2929690/" + made_up.lower(5, "short"),
            "https://hooks.zapier.com/hooks/catch/2929690/" + "x" * 11,
        ),
        confidence=MEDIUM,
    ),
)
