"""JFrog Artifactory API keys and reference tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "AKCp" + made_up.alnum(69)

RULES = (
    Rule(
        id="artifactory-key",
        description="Artifactory API key or reference token",
        patterns=(
            token("AKCp", ALNUM, 69),
            token("cmVmdGtu", ALNUM, 56),
        ),
        url="https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens",
        revoke="Revoke the key in the user's profile.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "a"),
        peer_type="Artifactory Credentials",
    ),
)
