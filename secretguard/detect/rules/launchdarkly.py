"""LaunchDarkly: API access tokens, SDK keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off, prefixed, shown

_SDK_KEY = "sdk-" + made_up.uuid("launchdarkly-sdk-key")
_API_ACCESS_TOKEN = "api-" + made_up.uuid("launchdarkly")

RULES = (
    Rule(
        id="launchdarkly-sdk-key",
        description="LaunchDarkly SDK key",
        patterns=(prefixed("sdk-", UUID),),
        url="https://launchdarkly.com/docs/home/account/environment/keys",
        revoke="Delete the SDK key in LaunchDarkly's settings, and make a new one.",
        examples=shown(_SDK_KEY),
        near_misses=(_SDK_KEY[:-1], _SDK_KEY + "0"),
    ),
    Rule(
        id="launchdarkly-api-access-token",
        description="LaunchDarkly API access token",
        patterns=(near("launch_?darkly", "(?:api-)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),),
        url="https://launchdarkly.com/docs/home/account/api",
        revoke="Delete the API access token in LaunchDarkly's settings, and make a new one.",
        examples=named("launchdarkly", _API_ACCESS_TOKEN),
        near_misses=one_off("launchdarkly", _API_ACCESS_TOKEN),
        judge="beside",
    ),
)
