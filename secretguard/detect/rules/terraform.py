"""HCP Terraform (Terraform Cloud) API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = made_up.alnum(14) + ".atlasv1." + made_up.alnum(67)

RULES = (
    Rule(
        id="terraform-cloud-token",
        description="HCP Terraform token",
        patterns=(token(r"[A-Za-z0-9]{14}\.atlasv1\.", WORD, 60, 70),),
        url="https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens",
        revoke="Delete the token in the user's, team's or organisation's settings.",
        examples=shown(_KEY)[:3],
        near_misses=(_KEY[1:], _KEY.replace("atlasv1", "atlas")),
    ),
)
