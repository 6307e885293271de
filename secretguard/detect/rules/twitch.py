"""Twitch: client secrets, stream keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, LOWER, Rule, named, near, one_off, shown, token

_CLIENT_SECRET = made_up.lower(30, "twitch-client-secret")
_STREAM_KEY = "live_126031192_" + made_up.alnum(30, "twitch-stream-key")

RULES = (
    Rule(
        id="twitch-client-secret",
        description="Twitch client secret",
        patterns=(near("twitch", f"{LOWER}{{30}}"),),
        url="https://dev.twitch.tv/docs/authentication/",
        revoke="Delete the client secret in Twitch's settings, and make a new one.",
        examples=named("twitch", _CLIENT_SECRET),
        near_misses=one_off("twitch", _CLIENT_SECRET),
        judge="beside",
    ),
    Rule(
        id="twitch-stream-key",
        description="Twitch stream key",
        patterns=(token("live_[0-9]{8,10}_", ALNUM, 30),),
        url="https://help.twitch.tv/s/article/twitch-stream-key-faq",
        revoke="Delete the stream key in Twitch's settings, and make a new one.",
        examples=shown(_STREAM_KEY),
        near_misses=(_STREAM_KEY[:-1], "live_126031192_" + "x" * 30),
    ),
)
