"""Grafana service account and cloud tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "glsa_" + made_up.alnum(32) + "_" + made_up.hexadecimal(8)

RULES = (
    Rule(
        id="grafana-token",
        description="Grafana token",
        patterns=(
            token("glsa_[A-Za-z0-9]{32}_", HEX, 8),
            token("glc_eyJ", "[A-Za-z0-9+/=]", 60, 400),
        ),
        url="https://grafana.com/docs/grafana/latest/administration/service-accounts/",
        revoke="Delete the token under the service account.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY.replace("glsa", "glsx")),
    ),
)
