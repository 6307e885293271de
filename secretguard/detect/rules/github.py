"""GitHub: every token prefix, classic and fine-grained."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_URL = "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github"
_REVOKE = (
    "Delete the token in the settings of its owner, or revoke it by the credential revocation API; read the audit log."
)
_FINE = "github_pat_" + made_up.alnum(22) + "_" + made_up.alnum(59)

RULES = (
    Rule(
        id="github-token",
        description="GitHub token",
        patterns=(token("gh[opsur]_", ALNUM, 36, 251),),
        url=_URL,
        revoke=_REVOKE,
        examples=(
            *shown(made_up.github("ghp_")),
            *shown(made_up.github("gho_"))[:1],
            *shown(made_up.github("ghu_"))[:1],
            *shown(made_up.github("ghs_"))[:1],
            *shown("ghr_" + made_up.alnum(76))[:1],
        ),
        near_misses=(
            "ghp_" + made_up.alnum(35),
            "ghp_" + "x" * 36,
            "ghq_" + made_up.alnum(36),
            "sighp_" + made_up.alnum(36),
        ),
        judge="github",
        peer_type="GitHub Token",
    ),
    Rule(
        id="github-fine-grained-token",
        description="GitHub fine-grained personal access token",
        patterns=(token("github_pat_", "[A-Za-z0-9_]", 82),),
        url=_URL,
        revoke=_REVOKE,
        examples=shown(_FINE),
        near_misses=(_FINE[:-1], "github_pat_" + "x" * 82),
        peer_type="GitHub Token",
    ),
)
