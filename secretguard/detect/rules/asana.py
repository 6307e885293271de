"""Asana: client secrets, personal access tokens, versioned personal access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, HEX, Rule, named, near, one_off, shown, token

_EXAMPLE_1 = made_up.alnum(32, "asana-client-secret")
_EXAMPLE_2 = "1/1248440223456784:" + made_up.hexadecimal(32, "asana-personal-access-token")
_EXAMPLE_3 = "2/1248440223456784/1248440223456785:" + made_up.hexadecimal(32, "asana-personal-access-token-v2")

RULES = (
    Rule(
        id="asana-client-secret",
        description="Asana client secret",
        patterns=(near("asana", f"{ALNUM}{{32}}"),),
        url="https://developers.asana.com/docs/oauth",
        revoke="Delete the client secret in Asana's settings, and make a new one.",
        examples=named("asana", _EXAMPLE_1),
        near_misses=one_off("asana", _EXAMPLE_1),
        judge="beside",
    ),
    Rule(
        id="asana-personal-access-token",
        description="Asana personal access token",
        patterns=(token("[012]/[0-9]{10,20}:", HEX, 32),),
        url="https://developers.asana.com/docs/personal-access-token",
        revoke="Delete the personal access token in Asana's settings, and make a new one.",
        examples=shown(_EXAMPLE_2),
        near_misses=(_EXAMPLE_2[:-1], "1/1248440223456784:" + "x" * 32),
    ),
    Rule(
        id="asana-personal-access-token-v2",
        description="Asana versioned personal access token",
        patterns=(token("2/[0-9]{10,20}/[0-9]{10,20}:", HEX, 32),),
        url="https://developers.asana.com/docs/personal-access-token",
        revoke="Delete the versioned personal access token in Asana's settings, and make a new one.",
        examples=shown(_EXAMPLE_3),
        near_misses=(_EXAMPLE_3[:-1], "2/1248440223456784/1248440223456785:" + "x" * 32),
    ),
)
