"""Cloudinary: API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(27, "cloudinary-api-secret")

RULES = (
    Rule(
        id="cloudinary-api-secret",
        description="Cloudinary API secret",
        patterns=(near("cloudinary", f"{WORD}{{27}}"),),
        url="https://cloudinary.com/documentation/cloudinary_credentials_tutorial",
        revoke="Delete the API secret in Cloudinary's settings, and make a new one.",
        examples=named("cloudinary", _KEY),
        near_misses=one_off("cloudinary", _KEY),
        judge="beside",
    ),
)
