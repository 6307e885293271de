"""Airship: app secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, keyed

_KEY = made_up.alnum(22, "airship-app-secret")

RULES = (
    Rule(
        id="airship-app-secret",
        description="Airship app secret",
        patterns=(keyed("(?:(?:airship|urban_?airship))", f"{WORD}{{22}}"),),
        url="https://docs.airship.com/api/ua/",
        revoke="Delete the app secret in Airship's settings, and make a new one.",
        examples=((f"AIRSHIP_API_KEY={_KEY}", _KEY), (f"airship_token: '{_KEY}'", _KEY)),
        near_misses=(f"AIRSHIP_API_KEY={_KEY[:-1]}", "AIRSHIP_API_KEY=$KEY"),
        judge="random",
    ),
)
