"""CircleCI: API tokens, personal API tokens, project API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, named, near, one_off, shown, token

_PERSONAL_TOKEN = "CCIPAT_" + made_up.alnum(22, "q") + "_" + made_up.lower(40, "circleci-personal-token")
_PROJECT_TOKEN = "CCIPRJ_" + made_up.alnum(22, "q") + "_" + made_up.lower(40, "circleci-project-token")
_API_TOKEN = made_up.hexadecimal(40, "circleci-api-token")

RULES = (
    Rule(
        id="circleci-personal-token",
        description="CircleCI personal API token",
        patterns=(token("CCIPAT_[A-Za-z0-9]{22}_", LOWER, 40),),
        url="https://circleci.com/docs/managing-api-tokens/",
        revoke="Delete the personal API token in CircleCI's settings, and make a new one.",
        examples=shown(_PERSONAL_TOKEN),
        near_misses=(_PERSONAL_TOKEN[:-1], "CCIPAT_" + made_up.alnum(22, "q") + "_" + "x" * 40),
    ),
    Rule(
        id="circleci-project-token",
        description="CircleCI project API token",
        patterns=(token("CCIPRJ_[A-Za-z0-9]{22}_", LOWER, 40),),
        url="https://circleci.com/docs/managing-api-tokens/",
        revoke="Delete the project API token in CircleCI's settings, and make a new one.",
        examples=shown(_PROJECT_TOKEN),
        near_misses=(_PROJECT_TOKEN[:-1], "CCIPRJ_" + made_up.alnum(22, "q") + "_" + "x" * 40),
    ),
    Rule(
        id="circleci-api-token",
        description="CircleCI API token",
        patterns=(near("circle_?ci", "[0-9A-Fa-f]{40}"),),
        url="https://circleci.com/docs/managing-api-tokens/",
        revoke="Delete the API token in CircleCI's settings, and make a new one.",
        examples=named("circleci", _API_TOKEN),
        near_misses=one_off("circleci", _API_TOKEN),
        judge="beside",
    ),
)
