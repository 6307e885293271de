"""Mapbox: public access tokens, secret access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import LOW, MEDIUM
from secretguard.detect.rule import WORD, Rule, shown, token

_EXAMPLE_1 = "sk.eyJ1Ijoi" + made_up.alnum(60, "q") + "." + made_up.alnum(22, "mapbox-secret-token")
_EXAMPLE_2 = "pk.eyJ1Ijoi" + made_up.alnum(60, "q") + "." + made_up.alnum(22, "mapbox-public-token")

RULES = (
    Rule(
        id="mapbox-secret-token",
        description="Mapbox secret access token",
        patterns=(token(r"[st]k\.eyJ1Ijoi[A-Za-z0-9_-]{20,200}\.", WORD, 22),),
        url="https://docs.mapbox.com/help/getting-started/access-tokens/",
        revoke="Delete the secret access token in Mapbox's settings, and make a new one.",
        examples=shown(_EXAMPLE_1),
        near_misses=(_EXAMPLE_1[:-1], "sk.eyJ1Ijoi" + made_up.alnum(60, "q") + "." + "x" * 22),
    ),
    Rule(
        id="mapbox-public-token",
        description="Mapbox public access token",
        patterns=(token(r"pk\.eyJ1Ijoi[A-Za-z0-9_-]{20,200}\.", WORD, 22),),
        url="https://docs.mapbox.com/help/getting-started/access-tokens/",
        revoke="Delete the public access token in Mapbox's settings, and make a new one.",
        examples=shown(_EXAMPLE_2),
        near_misses=(_EXAMPLE_2[:-1], "pk.eyJ1Ijoi" + made_up.alnum(60, "q") + "." + "x" * 22),
        confidence=MEDIUM,
        severity=LOW,
    ),
)
