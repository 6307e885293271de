"""Flickr: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "flickr-api-key")

RULES = (
    Rule(
        id="flickr-api-key",
        description="Flickr API key",
        patterns=(near("flickr", f"{HEX}{{32}}"),),
        url="https://www.flickr.com/services/api/",
        revoke="Delete the API key in Flickr's settings, and make a new one.",
        examples=named("flickr", _KEY),
        near_misses=one_off("flickr", _KEY),
        judge="beside",
    ),
)
