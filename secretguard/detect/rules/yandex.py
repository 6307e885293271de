"""Yandex Cloud: API keys, IAM tokens, OAuth tokens, static access keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_EXAMPLE_1 = "AQVN" + made_up.alnum(35, "yandex-api-key")
_EXAMPLE_2 = "YC" + made_up.alnum(38, "yandex-static-access-key")
_EXAMPLE_3 = "t1.9euelZq." + made_up.alnum(86, "yandex-iam-token")
_EXAMPLE_4 = "y0_" + made_up.alnum(55, "yandex-oauth-token")

RULES = (
    Rule(
        id="yandex-api-key",
        description="Yandex Cloud API key",
        patterns=(token("AQVN", WORD, 35, 38),),
        url="https://yandex.cloud/en/docs/iam/concepts/authorization/api-key",
        revoke="Delete the API key in Yandex Cloud's settings, and make a new one.",
        examples=shown(_EXAMPLE_1),
        near_misses=("AQVN" + made_up.alnum(34, "short"), "AQVN" + "x" * 35),
    ),
    Rule(
        id="yandex-static-access-key",
        description="Yandex Cloud static access key",
        patterns=(token("YC", WORD, 38),),
        url="https://yandex.cloud/en/docs/iam/concepts/authorization/access-key",
        revoke="Delete the static access key in Yandex Cloud's settings, and make a new one.",
        examples=shown(_EXAMPLE_2),
        near_misses=(_EXAMPLE_2[:-1], "YC" + "x" * 38),
        judge="random",
    ),
    Rule(
        id="yandex-iam-token",
        description="Yandex Cloud IAM token",
        patterns=(token(r"t1\.[A-Z0-9a-z_-]{1,400}={0,2}\.", WORD, 86),),
        url="https://yandex.cloud/en/docs/iam/concepts/authorization/iam-token",
        revoke="Delete the IAM token in Yandex Cloud's settings, and make a new one.",
        examples=shown(_EXAMPLE_3),
        near_misses=(_EXAMPLE_3[:-1], "t1.9euelZq." + "x" * 86),
    ),
    Rule(
        id="yandex-oauth-token",
        description="Yandex Cloud OAuth token",
        patterns=(token("y[0-3]_", WORD, 55, 60),),
        url="https://yandex.com/dev/id/doc/en/",
        revoke="Delete the OAuth token in Yandex Cloud's settings, and make a new one.",
        examples=shown(_EXAMPLE_4),
        near_misses=("y0_" + made_up.alnum(54, "short"), "y0_" + "x" * 55),
    ),
)
