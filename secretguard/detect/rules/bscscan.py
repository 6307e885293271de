"""BscScan: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, named, near, one_off

_KEY = made_up.upper(34, "bscscan-api-key")

RULES = (
    Rule(
        id="bscscan-api-key",
        description="BscScan API key",
        patterns=(near("(?:bsc_?scan|ether_?scan|polygon_?scan|snow_?trace|arbi_?scan|ftm_?scan)", f"{UPPER}{{34}}"),),
        url="https://docs.etherscan.io/getting-started/viewing-api-usage-statistics",
        revoke="Delete the API key in BscScan's settings, and make a new one.",
        examples=named("etherscan", _KEY),
        near_misses=one_off("etherscan", _KEY),
        judge="beside",
    ),
)
