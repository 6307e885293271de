"""Discord bot tokens and webhooks."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import WORD, Pattern, Rule, shown

_BOT = "M" + made_up.alnum(23) + "." + made_up.alnum(6) + "." + made_up.alnum(38)
_HOOK = f"https://discord.com/api/webhooks/{made_up.digits(18)}/{made_up.alnum(68)}"

RULES = (
    Rule(
        id="discord-bot-token",
        description="Discord bot token",
        patterns=(
            Pattern(
                rf"(?<![A-Za-z0-9_.-])[MNO][A-Za-z0-9_-]{{23,27}}\.{WORD}{{6}}\.{WORD}{{27,38}}(?![A-Za-z0-9_-])",
                rf"[MNO][A-Za-z0-9_-]{{23,27}}\.{WORD}{{6}}\.{WORD}{{27}}",
            ),
        ),
        url="https://discord.com/developers/docs/reference#authentication",
        revoke="Reset the token on the application's bot page.",
        examples=(
            *shown(_BOT)[:3],
            *shown("N" + made_up.alnum(23) + "." + made_up.alnum(6) + "." + made_up.alnum(27))[:1],
        ),
        near_misses=(_BOT[:55], "X" + _BOT[1:]),
        judge="random",
        peer_type="Discord Bot Token",
    ),
    Rule(
        id="discord-webhook",
        description="Discord webhook",
        patterns=(
            Pattern(
                r"https://(?:[a-z]{1,10}\.)?discord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60,72}",
                r"/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60}",
            ),
        ),
        url="https://discord.com/developers/docs/resources/webhook",
        revoke="Delete the webhook in the channel's integrations.",
        examples=((f"hook = {_HOOK}", _HOOK), (f'"{_HOOK}"', _HOOK)),
        near_misses=("https://discord.com/api/webhooks/123/abc", _HOOK.replace("discord.com", "disc0rd.com")),
        severity=MEDIUM,
    ),
)
