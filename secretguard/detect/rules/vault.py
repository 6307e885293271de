"""HashiCorp Vault and OpenBao tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Pattern, Rule, shown, token

_SHARE = made_up.base64(44, "u")

RULES = (
    Rule(
        id="vault-token",
        description="Vault or OpenBao token",
        patterns=(
            token(r"hv[sr]\.", WORD, 90, 300),
            token(r"hvs\.", WORD, 24),
            token(r"hvb\.", WORD, 130, 1000),
        ),
        url="https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes",
        revoke="`vault token revoke TOKEN` (or by its accessor); its leases go with it.",
        examples=(
            *shown("hvs." + made_up.alnum(24)),
            *shown("hvs." + made_up.alnum(95))[:1],
            *shown("hvb." + made_up.alnum(150))[:1],
        ),
        near_misses=("hvs." + made_up.alnum(20), "hvb." + made_up.alnum(100)),
        judge="random",
    ),
    Rule(
        id="vault-legacy-token",
        description="Vault token of a server before 1.10, or OpenBao token",
        patterns=(
            Pattern(r"(?<![A-Za-z0-9_.])[sbr]\.[A-Za-z0-9]{24,26}(?![A-Za-z0-9_.(-])", r"\b[sbr]\.[A-Za-z0-9]{24}"),
        ),
        url="https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes",
        revoke="`vault token revoke TOKEN` (or by its accessor); its leases go with it.",
        examples=shown("s." + made_up.alnum(24))[:2],
        near_misses=(
            "s." + made_up.alnum(20),
            "self.s." + made_up.alnum(24),
            "s.assertThatConnectionCloses",
            "s.ReadUint16LengthPrefixed)",
            "r.previousSessionVariables,",
        ),
        judge="legacy",
    ),
    Rule(
        id="vault-unseal-key",
        description="Vault or OpenBao unseal key",
        patterns=(
            Pattern(
                r"(?i:(?:unseal|recovery) key(?: [0-9]{1,2})?(?: \(base64\))?)[ \t]{0,4}:[ \t]{1,4}(?P<secret>[A-Za-z0-9+/]{43,46}={0,2})(?![A-Za-z0-9+/])",
                r"(?i:(?:unseal|recovery) key(?: [0-9]{1,2})?(?: \(base64\))?)[ \t]{0,4}:[ \t]{1,4}[A-Za-z0-9+/]{43}",
            ),
        ),
        url="https://developer.hashicorp.com/vault/docs/concepts/seal#shamir-seals",
        revoke="`vault operator rekey` makes new shares; the old ones are worth nothing then.",
        examples=(
            (f"Unseal Key 1: {_SHARE}\n", _SHARE),
            (f"Recovery Key 3: {_SHARE}\n", _SHARE),
        ),
        near_misses=(f"Unseal Key 1: {_SHARE[:30]}\n", "Unseal Key (will be hidden): "),
        judge="random",
    ),
)
