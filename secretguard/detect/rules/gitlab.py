"""GitLab: personal, deploy, runner, job, agent and feed tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Pattern, Rule, shown, token

_URL = "https://docs.gitlab.com/security/tokens/#token-prefixes"
_T = made_up.alnum(20)

RULES = (
    Rule(
        id="gitlab-token",
        description="GitLab token",
        patterns=(
            Pattern(
                r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))(?:glpat|gldt|glrt|glrtr|glft|glsoat|glffct)-[A-Za-z0-9_-]{20,300}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?(?![A-Za-z0-9_-])",
                r"(?:glpat|gldt|glrtr?|glft|glsoat|glffct)-[A-Za-z0-9_-]{20}",
            ),
            token("glptt-", "[0-9a-f]", 40),
            token("glcbt-(?:[0-9A-Za-z]{1,5}_)?", WORD, 20, 64),
            token("glimt-", WORD, 25),
            token("glagent-", WORD, 50, 1024),
            token("gloas-", WORD, 64),
            token("GR1348941", WORD, 20, 50),
            token("_gitlab_session=", "[0-9a-z]", 32),
        ),
        url=_URL,
        revoke="Revoke the token in GitLab (user, project, group or runner settings); read the audit events.",
        examples=(
            *shown("glpat-" + _T),
            *shown("gldt-" + _T)[:1],
            *shown("glptt-" + made_up.hexadecimal(40))[:1],
            *shown("glcbt-64_" + _T)[:1],
            *shown("glagent-" + made_up.alnum(50))[:1],
            *shown("GR1348941" + _T)[:1],
            *shown("glpat-" + made_up.alnum(27) + "." + made_up.lower(2) + "." + made_up.lower(9))[:1],
        ),
        near_misses=("glpat-" + made_up.alnum(19), "glpat-" + "x" * 20, "anglpat-" + _T),
        peer_type="GitLab Token",
    ),
)
