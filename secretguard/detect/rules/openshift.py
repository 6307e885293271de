"""OpenShift: user tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "sha256~" + made_up.alnum(43, "openshift-user-token")

RULES = (
    Rule(
        id="openshift-user-token",
        description="OpenShift user token",
        patterns=(token("sha256~", WORD, 43),),
        url="https://docs.openshift.com/container-platform/latest/authentication/managing-oauth-access-tokens.html",
        revoke="Delete the user token in OpenShift's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "sha256~" + "x" * 43),
    ),
)
