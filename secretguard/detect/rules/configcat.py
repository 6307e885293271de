"""ConfigCat: SDK keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "configcat-sdk-1/" + made_up.alnum(22, "q") + "/" + made_up.alnum(22, "configcat-sdk-key")

RULES = (
    Rule(
        id="configcat-sdk-key",
        description="ConfigCat SDK key",
        patterns=(token("configcat-sdk-1/[A-Za-z0-9_-]{22}/", WORD, 22),),
        url="https://configcat.com/docs/advanced/code-references/overview/",
        revoke="Delete the SDK key in ConfigCat's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "configcat-sdk-1/" + made_up.alnum(22, "q") + "/" + "x" * 22),
    ),
)
