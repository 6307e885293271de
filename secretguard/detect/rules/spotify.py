"""Spotify: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "spotify-client-secret")

RULES = (
    Rule(
        id="spotify-client-secret",
        description="Spotify client secret",
        patterns=(near("spotify", f"{HEX}{{32}}"),),
        url="https://developer.spotify.com/documentation/web-api/concepts/apps",
        revoke="Delete the client secret in Spotify's settings, and make a new one.",
        examples=named("spotify", _KEY),
        near_misses=one_off("spotify", _KEY),
        judge="beside",
    ),
)
