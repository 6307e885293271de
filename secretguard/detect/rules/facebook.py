"""Facebook: access tokens, app access tokens, app secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, HEX, WORD, Rule, named, near, one_off, shown, token

_EXAMPLE_1 = "EAAC" + made_up.alnum(80, "facebook-access-token")
_EXAMPLE_2 = "294790898041575|" + made_up.alnum(27, "facebook-app-access-token")
_EXAMPLE_3 = made_up.hexadecimal(32, "facebook-app-secret")

RULES = (
    Rule(
        id="facebook-access-token",
        description="Facebook access token",
        patterns=(token("EAA[A-Za-z]", ALNUM, 80, 400),),
        url="https://developers.facebook.com/docs/facebook-login/guides/access-tokens/",
        revoke="Delete the access token in Facebook's settings, and make a new one.",
        examples=shown(_EXAMPLE_1),
        near_misses=("EAAC" + made_up.alnum(79, "short"), "EAAC" + "x" * 80),
    ),
    Rule(
        id="facebook-app-access-token",
        description="Facebook app access token",
        patterns=(token(r"[0-9]{15,16}\|", WORD, 27, 40),),
        url="https://developers.facebook.com/docs/facebook-login/guides/access-tokens/",
        revoke="Delete the app access token in Facebook's settings, and make a new one.",
        examples=shown(_EXAMPLE_2),
        near_misses=("294790898041575|" + made_up.alnum(26, "short"), "294790898041575|" + "x" * 27),
        judge="random",
    ),
    Rule(
        id="facebook-app-secret",
        description="Facebook app secret",
        patterns=(near("(?:facebook|fb[_-]?app|fb[_-]?secret|fb[_-]?api|fb[_-]?client)", f"{HEX}{{32}}"),),
        url="https://developers.facebook.com/docs/facebook-login/security/",
        revoke="Delete the app secret in Facebook's settings, and make a new one.",
        examples=named("facebook", _EXAMPLE_3),
        near_misses=one_off("facebook", _EXAMPLE_3),
        judge="beside",
    ),
)
