"""Telegram bot tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Pattern, Rule, shown

_KEY = made_up.digits(10) + ":AA" + made_up.alnum(33)

RULES = (
    Rule(
        id="telegram-bot-token",
        description="Telegram bot token",
        patterns=(
            Pattern(
                r"(?<![A-Za-z0-9:/.])(?:bot)?(?P<secret>[0-9]{8,10}:AA[A-Za-z0-9_-]{33})(?![A-Za-z0-9_-])|/bot(?P<in_url>[0-9]{8,10}:AA[A-Za-z0-9_-]{33})(?![A-Za-z0-9_-])",
                r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}",
            ),
        ),
        url="https://core.telegram.org/bots/features#botfather",
        revoke="/revoke at @BotFather.",
        examples=(*shown(_KEY)[:3], (f"https://api.telegram.org/bot{_KEY}/getMe", _KEY)),
        near_misses=(_KEY[:-1], _KEY.replace(":AA", ":BB")),
        peer_type="Telegram Bot Token",
    ),
)
