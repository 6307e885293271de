"""JSON Web Tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import Pattern, Rule, shown

_HEAD = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
_JWT = f"{_HEAD}.eyJzdWIiOiIxMjM0NTY3ODkwIiwibiI6MX0.{made_up.alnum(43)}"

RULES = (
    Rule(
        id="jwt",
        description="JSON Web Token",
        patterns=(
            Pattern(
                r"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,6000}\.[A-Za-z0-9_-]{8,1500}(?![A-Za-z0-9_-])",
                r"\.eyJ[A-Za-z0-9_-]{8}",
            ),
        ),
        url="https://www.rfc-editor.org/rfc/rfc7519",
        revoke="End the session at the issuer; rotate the signing key if many leaked.",
        examples=shown(_JWT),
        near_misses=(
            f"{_HEAD}.eyJzdWIiOi",
            f"eyJ{made_up.alnum(30)}.eyJ{made_up.alnum(60)}.{made_up.alnum(43)}",
            "package.eyJournalEntries.eyJournalEntry",
        ),
        judge="jwt",
        severity=MEDIUM,
        peer_type="JSON Web Token",
    ),
)
