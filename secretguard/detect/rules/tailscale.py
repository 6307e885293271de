"""Tailscale auth, API and OAuth keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "tskey-auth-" + made_up.alnum(12) + "CNTRL-" + made_up.alnum(32)

RULES = (
    Rule(
        id="tailscale-key",
        description="Tailscale key",
        patterns=(token("tskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{10,20}-", ALNUM, 20, 40),),
        url="https://tailscale.com/kb/1252/key-secret-management",
        revoke="Revoke the key in the admin console.",
        examples=shown(_KEY),
        near_misses=("tskey-auth-" + made_up.alnum(12), _KEY.replace("tskey", "tskay")),
    ),
)
