"""A pause of the guard: minutes in which it lets pass what it would have stopped, because a person said so.

It ends by itself: by the clock on the wall and by the time since the machine was started, whichever is first, so that
neither a clock that is put back, nor sleep, nor a restart prolongs it.

Never paused: production and customer data, as policy labels them; what a layer above or below the user's own decides;
rules that policy calls mandatory (`[observe]` in its facts; `secrets` among them is redaction); the guard's own files;
a broken policy; a guard that fails. Under an organisation's policy there is no pause.

Hot path while there is one; without one it costs a look for a file that is not there.
"""

from __future__ import annotations

import os
import time

from secretguard.audit.journal import user_journal
from secretguard.errors import GuardError
from secretguard.places import state_dir
from secretguard.platforms.here import since_start
from secretguard.policy import kept
from secretguard.policy.observe import mandatory
from secretguard.policy.request import Decision
from secretguard.policy.source import ORGANISATION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.policy.request import Request
    from secretguard.policy.table import Policy

LONGEST = 8 * 3600
"""Seconds that a pause may last: what takes longer is not a pause but an installation without a guard."""
RULE = "paused"
NEVER = ("production", "customer")
_SLACK = 2.0
"""Seconds by which the two clocks may differ without meaning anything."""


class Pause:
    """A pause that is on: who began it and why, and when it ends (seconds since the epoch)."""

    __slots__ = ("by", "until", "why")

    def __init__(self, until: float, by: str, why: str) -> None:
        self.until = until
        self.by = by
        self.why = why

    def decided(self, decision: Decision, request: Request, policy: Policy) -> Decision:
        """What stands of `decision` while it is paused."""
        if decision.outcome == "allow" or request.environment in NEVER or request.data in NEVER:
            return decision
        if "/" in decision.rule or decision.rule in mandatory(policy):  # LAYER/RULE: not of the user's own
            return decision
        return Decision("allow", RULE, "")


def path_of() -> str:
    """The file that says so."""
    return os.path.join(state_dir(), "pause")


def in_force(now: float | None = None, since: tuple[float, str] | None = None) -> Pause | None:
    """The pause that is on, None where there is none; one that is over is taken away, and its end recorded.

    `now`, `since`: the clocks, in place of the machine's own.
    """
    said = kept.read(path_of())
    if said is None:
        return None
    now = time.time() if now is None else now
    try:
        if _lasts(said, now, *(since or since_start())):
            return Pause(float(said["until"]), str(said["by"]), str(said["why"]))  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError):
        pass  # a file that says something else pauses nothing
    ended("its time was over")
    return None


def _lasts(said: dict[str, object], now: float, since: float, start: str) -> bool:
    began, until = float(said["began"]), float(said["until"])  # type: ignore[arg-type]
    length, since_began = until - began, float(said["since"])  # type: ignore[arg-type]
    if not 0 < length <= LONGEST or said["start"] != start:
        return False
    return began - _SLACK <= now < until and since_began - _SLACK <= since < since_began + length


def document(seconds: float, by: str, why: str) -> dict[str, object]:
    """What the file says of a pause of `seconds` from now on."""
    now, (since, start) = time.time(), since_start()
    return {"began": now, "until": now + seconds, "since": since, "start": start, "by": by, "why": why}


def ended(by: str) -> bool:
    """Take the pause away and record its end; whether there was one, and it was this process that ended it."""
    try:
        os.unlink(path_of())
    except OSError:
        return False
    try:
        user_journal().append("guard:pause:ended", {"by": by})
    except GuardError:
        return True  # counted by the journal; the end itself is in the record of its beginning
    return True


def allowed_by(policy: Policy) -> bool:
    """Whether this policy can be paused at all."""
    layers = policy.standing.layers
    return not policy.standing.faults and not (layers and layers[0][0] == ORGANISATION)


def told(pause: Pause, now: float) -> dict[str, object]:
    """The words of the pause's line."""
    end, left = time.localtime(pause.until), max(0.0, pause.until - now)
    minutes = f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
    return {"until": f"{end.tm_hour:02d}:{end.tm_min:02d}", "left": minutes, "by": pause.by, "why": pause.why}
