"""WireGuard: private and pre-shared keys, 32 bytes in base64."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Pattern, Rule

_KEY = made_up.base64(42, "w") + "8="
_VALUE = r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="

RULES = (
    Rule(
        id="wireguard-key",
        description="WireGuard private or pre-shared key",
        patterns=(
            Pattern(
                rf"(?i:(?:private|preshared)[_-]?key[\"']?)[ \t]{{0,8}}[:=][ \t]{{0,8}}[\"']?(?P<secret>{_VALUE})",
                rf"(?i:(?:private|preshared)[_-]?key[\"']?)[ \t]{{0,8}}[:=][ \t]{{0,8}}[\"']?{_VALUE}",
            ),
        ),
        url="https://man7.org/linux/man-pages/man8/wg.8.html",
        revoke="`wg genkey` makes a new one; give its public half to each peer.",
        examples=(
            (f"[Interface]\nPrivateKey = {_KEY}\n", _KEY),
            (f"PresharedKey={_KEY}\n", _KEY),
            (f'wg_private_key: "{_KEY}"', _KEY),
        ),
        near_misses=(f"PublicKey = {_KEY}\n", f"PrivateKey = {_KEY[:-3]}\n", "PrivateKey = <the key>"),
        judge="random",
    ),
)
