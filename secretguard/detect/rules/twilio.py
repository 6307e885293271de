"""Twilio: API keys, and the account SID with its auth token."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import LOW, MEDIUM
from secretguard.detect.rule import HEX, Rule, keyed, shown, token

_KEY = "SK" + made_up.hexadecimal(32)

RULES = (
    Rule(
        id="twilio-api-key",
        description="Twilio API key",
        patterns=(token("SK", HEX, 32),),
        url="https://www.twilio.com/docs/iam/api-keys",
        revoke="Delete the key in the Twilio console.",
        examples=shown(_KEY)[:3],
        near_misses=(_KEY[:-1], _KEY + "0", "SK" + "0" * 32),
        judge="alone",
        peer_type="Twilio API Key",
    ),
    Rule(
        id="twilio-account-sid",
        description="Twilio account SID",
        patterns=(token("AC", HEX, 32),),
        url="https://www.twilio.com/docs/glossary/what-is-a-sid",
        revoke="None needed by itself: it names the account. Rotate the auth token that leaked beside it.",
        examples=shown("AC" + made_up.hexadecimal(32))[:3],
        near_misses=("AC" + made_up.hexadecimal(31), "AC" + made_up.hexadecimal(33)),
        judge="alone",
        severity=LOW,
        confidence=MEDIUM,
        peer_type="Twilio API Key",
    ),
    Rule(
        id="twilio-auth-token",
        description="Twilio auth token",
        patterns=(keyed("twilio[_.-]?(?:auth|token|secret)", f"{HEX}{{32}}"),),
        url="https://www.twilio.com/docs/iam/access-tokens",
        revoke="Promote the secondary auth token in the console, then delete this one.",
        examples=(
            (f"TWILIO_AUTH_TOKEN={made_up.hexadecimal(32)}", made_up.hexadecimal(32)),
            (f"twilio_token: '{made_up.hexadecimal(32)}'", made_up.hexadecimal(32)),
        ),
        near_misses=(f"TWILIO_AUTH_TOKEN={made_up.hexadecimal(30)}", "TWILIO_AUTH_TOKEN=$TOKEN"),
        judge="random",
    ),
)
