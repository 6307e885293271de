"""Adafruit IO: keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "aio_" + made_up.alnum(28, "adafruit-io-key")

RULES = (
    Rule(
        id="adafruit-io-key",
        description="Adafruit IO key",
        patterns=(token("aio_", ALNUM, 28),),
        url="https://io.adafruit.com/api/docs/",
        revoke="Delete the key in Adafruit IO's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "aio_" + "x" * 28),
    ),
)
