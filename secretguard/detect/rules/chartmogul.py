"""ChartMogul: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "chartmogul-api-key")

RULES = (
    Rule(
        id="chartmogul-api-key",
        description="ChartMogul API key",
        patterns=(near("chartmogul", f"{HEX}{{32}}"),),
        url="https://dev.chartmogul.com/docs/authentication",
        revoke="Delete the API key in ChartMogul's settings, and make a new one.",
        examples=named("chartmogul", _KEY),
        near_misses=one_off("chartmogul", _KEY),
        judge="beside",
    ),
)
