"""HashiCorp Vault and OpenBao tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Pattern, Rule, shown, token

RULES = (
    Rule(
        id="vault-token",
        description="Vault or OpenBao token",
        patterns=(
            token(r"hv[sr]\.", WORD, 90, 300),
            token(r"hvs\.", WORD, 24),
            token(r"hvb\.", WORD, 130, 1000),
            Pattern(r"(?<![A-Za-z0-9_.])[sbr]\.[A-Za-z0-9]{24}(?![A-Za-z0-9_.(-])", r"\b[sbr]\.[A-Za-z0-9]{24}"),
        ),
        url="https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes",
        revoke="`vault token revoke TOKEN` (or by its accessor); its leases go with it.",
        examples=(
            *shown("hvs." + made_up.alnum(24)),
            *shown("hvs." + made_up.alnum(95))[:1],
            *shown("hvb." + made_up.alnum(150))[:1],
            *shown("s." + made_up.alnum(24))[:2],
        ),
        near_misses=(
            "hvs." + made_up.alnum(20),
            "s." + made_up.alnum(20),
            "self.s." + made_up.alnum(24),
            "s.assertThatConnectionCloses",
        ),
        judge="random",
    ),
)
