"""OneSignal: REST API keys, app API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, named, near, one_off, shown, token

_EXAMPLE_1 = made_up.alnum(48, "onesignal-rest-api-key")
_EXAMPLE_2 = "os_v2_app_" + made_up.lower(100, "onesignal-app-api-key")

RULES = (
    Rule(
        id="onesignal-rest-api-key",
        description="OneSignal REST API key",
        patterns=(near("onesignal", "[A-Za-z0-9+/]{48}"),),
        url="https://documentation.onesignal.com/docs/keys-and-ids",
        revoke="Delete the REST API key in OneSignal's settings, and make a new one.",
        examples=named("onesignal", _EXAMPLE_1),
        near_misses=one_off("onesignal", _EXAMPLE_1),
        judge="beside",
    ),
    Rule(
        id="onesignal-app-api-key",
        description="OneSignal app API key",
        patterns=(token("os_v2_(?:app|org)_", LOWER, 100, 110),),
        url="https://documentation.onesignal.com/docs/keys-and-ids",
        revoke="Delete the app API key in OneSignal's settings, and make a new one.",
        examples=shown(_EXAMPLE_2),
        near_misses=("os_v2_app_" + made_up.lower(99, "short"), "os_v2_app_" + "x" * 100),
    ),
)
