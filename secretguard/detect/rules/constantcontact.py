"""Constant Contact: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("constantcontact-api-key")

RULES = (
    Rule(
        id="constantcontact-api-key",
        description="Constant Contact API key",
        patterns=(near("constant_?contact", UUID),),
        url="https://developer.constantcontact.com/api_guide/apps_create.html",
        revoke="Delete the API key in Constant Contact's settings, and make a new one.",
        examples=named("constantcontact", _KEY),
        near_misses=one_off("constantcontact", _KEY),
        judge="beside",
    ),
)
