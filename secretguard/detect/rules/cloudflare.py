"""Cloudflare API tokens and global keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, keyed

_KEY = made_up.alnum(40)

RULES = (
    Rule(
        id="cloudflare-api-token",
        description="Cloudflare API token",
        patterns=(keyed("cloudflare|cf[_-]?(?:api|token|key)", "(?:[0-9a-f]{37}|[A-Za-z0-9_-]{40})"),),
        url="https://developers.cloudflare.com/fundamentals/api/get-started/create-token/",
        revoke="Roll or delete the token in the profile's API tokens.",
        examples=((f"CLOUDFLARE_API_TOKEN={_KEY}", _KEY), (f"cf_api_token: '{_KEY}'", _KEY)),
        near_misses=(
            f"CLOUDFLARE_API_TOKEN={_KEY[:-1]}",
            "CLOUDFLARE_API_TOKEN=${SECRET_FROM_VAULT}",
            f"other_setting={_KEY}",
        ),
        judge="random",
    ),
)
