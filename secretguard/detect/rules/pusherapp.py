"""Pusher: app secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(20, "pusherapp-app-secret")

RULES = (
    Rule(
        id="pusherapp-app-secret",
        description="Pusher app secret",
        patterns=(near("pusher", f"{HEX}{{20}}"),),
        url="https://pusher.com/docs/channels/library_auth_reference/rest-api/",
        revoke="Delete the app secret in Pusher's settings, and make a new one.",
        examples=named("pusher", _KEY),
        near_misses=one_off("pusher", _KEY),
        judge="beside",
    ),
)
