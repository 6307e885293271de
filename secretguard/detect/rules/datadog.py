"""Datadog API and application keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, keyed

_KEY = made_up.hexadecimal(32)

RULES = (
    Rule(
        id="datadog-key",
        description="Datadog API or application key",
        patterns=(keyed("datadog|dd[_-]?(?:api|app)", "(?:[0-9a-f]{40}|[0-9a-f]{32})"),),
        url="https://docs.datadoghq.com/account_management/api-app-keys/",
        revoke="Revoke the key in the organisation's settings.",
        examples=((f"DD_API_KEY={_KEY}", _KEY), (f"datadog_api_key: '{_KEY}'", _KEY)),
        near_misses=(f"DD_API_KEY={_KEY[:-1]}", "DD_API_KEY=${SECRET_FROM_VAULT}", f"other_setting={_KEY}"),
        judge="random",
    ),
)
