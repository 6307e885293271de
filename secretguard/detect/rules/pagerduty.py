"""PagerDuty: API keys, REST API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off, shown, token

_API_KEY = made_up.alnum(20, "pagerduty-api-key")
_REST_API_KEY = "u+" + made_up.alnum(18, "pagerduty-rest-api-key")

RULES = (
    Rule(
        id="pagerduty-api-key",
        description="PagerDuty API key",
        patterns=(near("pagerduty", f"{WORD}{{20}}"),),
        url="https://support.pagerduty.com/main/docs/api-access-keys",
        revoke="Delete the API key in PagerDuty's settings, and make a new one.",
        examples=named("pagerduty", _API_KEY),
        near_misses=one_off("pagerduty", _API_KEY),
        judge="beside",
    ),
    Rule(
        id="pagerduty-rest-api-key",
        description="PagerDuty REST API key",
        patterns=(token(r"[uy]\+", WORD, 18),),
        url="https://support.pagerduty.com/main/docs/api-access-keys",
        revoke="Delete the REST API key in PagerDuty's settings, and make a new one.",
        examples=shown(_REST_API_KEY),
        near_misses=(_REST_API_KEY[:-1], "u+" + "x" * 18),
        judge="random",
    ),
)
