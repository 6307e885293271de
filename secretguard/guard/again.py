"""A prompt that was refused, as it can be sent again: each secret replaced by its placeholder, all else as it was.

Hot path, where a prompt holds a secret: the client forgets the refused prompt, and a person does not type it twice.
"""

from __future__ import annotations

from secretguard.guard.room import rules_of
from secretguard.guard.texts import text
from secretguard.redact import redact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.detect.finding import Finding
    from secretguard.guard.room import Room

_MOST = 5
"""Accepting commands in one refusal."""


def reason(data: bytes, found: list[Finding], room: Room) -> str:
    """Why the prompt `data` was refused for `found`, how to accept a false alarm, and all of it to send again."""
    tags = list(dict.fromkeys(room.tags.digits(finding.value) for finding in found))
    named = " ".join(tags[:_MOST]) + (" ..." if len(tags) > _MOST else "")
    shown = redact(data, found, room.tags).decode("utf-8", "surrogatepass")
    return text("prompt", rules=", ".join(rules_of(found)), accept=f"`secretguard accept {named}`", prompt=shown)
