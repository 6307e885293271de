"""NFTPort: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("nftport-api-key")

RULES = (
    Rule(
        id="nftport-api-key",
        description="NFTPort API key",
        patterns=(near("nftport", UUID),),
        url="https://docs.nftport.xyz/",
        revoke="Delete the API key in NFTPort's settings, and make a new one.",
        examples=named("nftport", _KEY),
        near_misses=one_off("nftport", _KEY),
        judge="beside",
    ),
)
