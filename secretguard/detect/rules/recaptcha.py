"""reCAPTCHA: secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(40, "recaptcha-secret-key")

RULES = (
    Rule(
        id="recaptcha-secret-key",
        description="reCAPTCHA secret key",
        patterns=(near("recaptcha", f"{WORD}{{40}}"),),
        url="https://developers.google.com/recaptcha/docs/verify",
        revoke="Delete the secret key in reCAPTCHA's settings, and make a new one.",
        examples=named("recaptcha", _KEY),
        near_misses=one_off("recaptcha", _KEY),
        judge="beside",
    ),
)
