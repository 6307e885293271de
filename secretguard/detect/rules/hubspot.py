"""HubSpot: API keys, private app tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off, prefixed, shown

_EXAMPLE_1 = "pat-na1-" + made_up.uuid("hubspot-private-app-token")
_EXAMPLE_2 = made_up.uuid("hubspot-api-key")

RULES = (
    Rule(
        id="hubspot-private-app-token",
        description="HubSpot private app token",
        patterns=(prefixed("pat-(?:na|eu|ap)[0-9]-", UUID),),
        url="https://developers.hubspot.com/docs/api/private-apps",
        revoke="Delete the private app token in HubSpot's settings, and make a new one.",
        examples=shown(_EXAMPLE_1),
        near_misses=(_EXAMPLE_1[:-1], _EXAMPLE_1 + "0"),
    ),
    Rule(
        id="hubspot-api-key",
        description="HubSpot API key",
        patterns=(near("hubspot", UUID),),
        url="https://developers.hubspot.com/docs/api/private-apps",
        revoke="Delete the API key in HubSpot's settings, and make a new one.",
        examples=named("hubspot", _EXAMPLE_2),
        near_misses=one_off("hubspot", _EXAMPLE_2),
        judge="beside",
    ),
)
