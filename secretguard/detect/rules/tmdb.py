"""TMDB: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "tmdb-api-key")

RULES = (
    Rule(
        id="tmdb-api-key",
        description="TMDB API key",
        patterns=(near("(?:tmdb|themoviedb)", f"{HEX}{{32}}"),),
        url="https://developer.themoviedb.org/docs/getting-started",
        revoke="Delete the API key in TMDB's settings, and make a new one.",
        examples=named("tmdb", _KEY),
        near_misses=one_off("tmdb", _KEY),
        judge="beside",
    ),
)
