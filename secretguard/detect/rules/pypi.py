"""PyPI upload tokens (macaroons)."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

RULES = (
    Rule(
        id="pypi-token",
        description="PyPI upload token",
        patterns=(token("pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)", WORD, 50, 1000),),
        url="https://packaging.python.org/en/latest/specifications/pypirc/",
        revoke="Remove the token in the account's settings; PyPI also revokes tokens that are reported.",
        examples=(
            *shown("pypi-AgEIcHlwaS5vcmc" + made_up.alnum(150)),
            *shown("pypi-AgENdGVzdC5weXBpLm9yZw" + made_up.alnum(150))[:1],
        ),
        near_misses=("pypi-AgEIcHlwaS5vcmc" + made_up.alnum(30), "pypi-" + made_up.alnum(150)),
        peer_type="PyPI Token",
    ),
)
