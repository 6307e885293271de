"""ActiveCampaign: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(72, "activecampaign-api-key")

RULES = (
    Rule(
        id="activecampaign-api-key",
        description="ActiveCampaign API key",
        patterns=(near("active_?campaign", f"{HEX}{{72}}"),),
        url="https://developers.activecampaign.com/reference/authentication",
        revoke="Delete the API key in ActiveCampaign's settings, and make a new one.",
        examples=named("activecampaign", _KEY),
        near_misses=one_off("activecampaign", _KEY),
        judge="beside",
    ),
)
