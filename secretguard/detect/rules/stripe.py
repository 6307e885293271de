"""Stripe: secret, restricted and webhook signing keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import LOW, MEDIUM
from secretguard.detect.rule import ALNUM, Rule, shown, token

RULES = (
    Rule(
        id="stripe-secret-key",
        description="Stripe secret or restricted key",
        patterns=(token("[rs]k_(?:live|prod)_", ALNUM, 20, 247),),
        url="https://docs.stripe.com/keys",
        revoke="Roll the key in the Stripe dashboard; look at the request log for its use.",
        examples=(*shown("sk_live_" + made_up.alnum(24)), *shown("rk_live_" + made_up.alnum(99))[:1]),
        near_misses=("sk_live_" + made_up.alnum(15), "pk_live_" + made_up.alnum(24), "sk_live_" + "x" * 24),
        peer_type="Stripe Access Key",
    ),
    Rule(
        id="stripe-test-key",
        description="Stripe test mode key",
        patterns=(token("[rs]k_test_", ALNUM, 20, 247),),
        url="https://docs.stripe.com/keys",
        revoke="Roll the key in the Stripe dashboard.",
        examples=(*shown("sk_test_" + made_up.alnum(24)), *shown("rk_test_" + made_up.alnum(24))[:1]),
        near_misses=("sk_test_" + made_up.alnum(15), "pk_test_" + made_up.alnum(24)),
        severity=LOW,
    ),
    Rule(
        id="stripe-webhook-secret",
        description="Stripe webhook signing secret",
        patterns=(token("whsec_", "[A-Za-z0-9+/]", 32, 64),),
        url="https://docs.stripe.com/webhooks",
        revoke="Roll the endpoint's signing secret in the dashboard.",
        examples=shown("whsec_" + made_up.alnum(32)),
        near_misses=("whsec_" + made_up.alnum(20), "whsec_" + "x" * 32),
        severity=MEDIUM,
    ),
)
