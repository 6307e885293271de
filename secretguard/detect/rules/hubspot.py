"""HubSpot: API keys, private app tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off, prefixed, shown

_PRIVATE_APP_TOKEN = "pat-na1-" + made_up.uuid("hubspot-private-app-token")
_API_KEY = made_up.uuid("hubspot-api-key")

RULES = (
    Rule(
        id="hubspot-private-app-token",
        description="HubSpot private app token",
        patterns=(prefixed("pat-(?:na|eu|ap)[0-9]-", UUID),),
        url="https://developers.hubspot.com/docs/api/private-apps",
        revoke="Delete the private app token in HubSpot's settings, and make a new one.",
        examples=shown(_PRIVATE_APP_TOKEN),
        near_misses=(_PRIVATE_APP_TOKEN[:-1], _PRIVATE_APP_TOKEN + "0"),
    ),
    Rule(
        id="hubspot-api-key",
        description="HubSpot API key",
        patterns=(near("hubspot", UUID),),
        url="https://developers.hubspot.com/docs/api/private-apps",
        revoke="Delete the API key in HubSpot's settings, and make a new one.",
        examples=named("hubspot", _API_KEY),
        near_misses=one_off("hubspot", _API_KEY),
        judge="beside",
    ),
)
