"""Clarifai: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "clarifai-api-key")

RULES = (
    Rule(
        id="clarifai-api-key",
        description="Clarifai API key",
        patterns=(near("clarifai", f"{HEX}{{32}}"),),
        url="https://docs.clarifai.com/clarifai-basics/authentication/",
        revoke="Delete the API key in Clarifai's settings, and make a new one.",
        examples=named("clarifai", _KEY),
        near_misses=one_off("clarifai", _KEY),
        judge="beside",
    ),
)
