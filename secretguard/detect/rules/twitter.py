"""Twitter: API keys, API key secrets, access tokens, access token secrets, bearer tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off, shown, token

_EXAMPLE_1 = made_up.alnum(50, "twitter-api-secret")
_EXAMPLE_2 = made_up.alnum(25, "twitter-api-key")
_EXAMPLE_3 = made_up.alnum(45, "twitter-access-token-secret")
_EXAMPLE_4 = "217878866522369105-" + made_up.alnum(20, "twitter-access-token")
_EXAMPLE_5 = "AAAAAAAAAAAAAAAAAAAAA" + made_up.alnum(60, "twitter-bearer-token")

RULES = (
    Rule(
        id="twitter-api-secret",
        description="Twitter API key secret",
        patterns=(near("twitter", f"{ALNUM}{{50}}"),),
        url="https://docs.x.com/resources/fundamentals/authentication/overview",
        revoke="Delete the API key secret in Twitter's settings, and make a new one.",
        examples=named("twitter", _EXAMPLE_1),
        near_misses=one_off("twitter", _EXAMPLE_1),
        judge="beside",
    ),
    Rule(
        id="twitter-api-key",
        description="Twitter API key",
        patterns=(near("twitter", f"{ALNUM}{{25}}"),),
        url="https://docs.x.com/resources/fundamentals/authentication/overview",
        revoke="Delete the API key in Twitter's settings, and make a new one.",
        examples=named("twitter", _EXAMPLE_2),
        near_misses=one_off("twitter", _EXAMPLE_2),
        judge="beside",
    ),
    Rule(
        id="twitter-access-token-secret",
        description="Twitter access token secret",
        patterns=(near("twitter", f"{ALNUM}{{45}}"),),
        url="https://docs.x.com/resources/fundamentals/authentication/overview",
        revoke="Delete the access token secret in Twitter's settings, and make a new one.",
        examples=named("twitter", _EXAMPLE_3),
        near_misses=one_off("twitter", _EXAMPLE_3),
        judge="beside",
    ),
    Rule(
        id="twitter-access-token",
        description="Twitter access token",
        patterns=(token("[0-9]{15,25}-", ALNUM, 20, 40),),
        url="https://docs.x.com/resources/fundamentals/authentication/overview",
        revoke="Delete the access token in Twitter's settings, and make a new one.",
        examples=shown(_EXAMPLE_4),
        near_misses=("217878866522369105-" + made_up.alnum(19, "short"), "217878866522369105-" + "x" * 20),
        judge="random",
        confidence=MEDIUM,
    ),
    Rule(
        id="twitter-bearer-token",
        description="Twitter bearer token",
        patterns=(token("A{21}", "[A-Za-z0-9%]", 60, 100),),
        url="https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/bearer-tokens",
        revoke="Delete the bearer token in Twitter's settings, and make a new one.",
        examples=shown(_EXAMPLE_5),
        near_misses=("AAAAAAAAAAAAAAAAAAAAA" + made_up.alnum(59, "short"), "AAAAAAAAAAAAAAAAAAAAA" + "x" * 60),
        judge="random",
    ),
)
