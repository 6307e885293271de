"""TeamCity: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "eyJ0eXAiOiAiVENWMiJ9." + made_up.alnum(60, "teamcity-access-token")

RULES = (
    Rule(
        id="teamcity-access-token",
        description="TeamCity access token",
        patterns=(token(r"eyJ0eXAiOiAiVENWMiJ9\.", WORD, 60, 200),),
        url="https://www.jetbrains.com/help/teamcity/managing-your-user-account.html",
        revoke="Delete the access token in TeamCity's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("eyJ0eXAiOiAiVENWMiJ9." + made_up.alnum(59, "short"), "eyJ0eXAiOiAiVENWMiJ9." + "x" * 60),
    ),
)
