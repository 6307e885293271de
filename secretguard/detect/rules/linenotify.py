"""LINE Notify: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(43, "linenotify-access-token")

RULES = (
    Rule(
        id="linenotify-access-token",
        description="LINE Notify access token",
        patterns=(near("line_?notify", f"{ALNUM}{{43}}"),),
        url="https://notify-bot.line.me/doc/en/",
        revoke="Delete the access token in LINE Notify's settings, and make a new one.",
        examples=named("linenotify", _KEY),
        near_misses=one_off("linenotify", _KEY),
        judge="beside",
    ),
)
