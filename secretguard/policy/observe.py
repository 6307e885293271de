"""Observe mode: a trial of a policy, by date. Hot path: imports nothing but the clock.

`[observe] until = 2026-12-31` in the base's facts: until the end of that day (UTC) nothing is refused or rewritten, and
records say what would have been. What `mandatory` names stands, as do the layers above the one that is observed; so do
the guard's own files and an event that cannot be read. While the policy is broken nothing is observed: a result that is
not rewritten is a release. A clock that was put back gains nothing: an end further ahead than a policy may name is no
end.
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.policy.table import Policy

_DAY = 86_400
LONGEST = 90
"""Days ahead that the end may lie; `policy/facts.py` refuses more, and so does this in case the clock was moved."""


def mandatory(policy: Policy) -> list[str]:
    """The rules that stand while the others are observed."""
    section: dict[str, list[str]] = policy.facts.get("observe", {})  # type: ignore[assignment]
    return section.get("mandatory", [])


def observing(policy: Policy, now: float) -> bool:
    """Whether observe mode is on at `now` (seconds since the epoch)."""
    end = policy.observe_until
    return bool(end) and not policy.standing.faults and _day(now) <= end <= _day(now + (LONGEST + 1) * _DAY)


def observes_now(policy: Policy) -> bool:
    """Whether observe mode is on by this machine's clock."""
    return observing(policy, time.time())


def told(policy: Policy, now: float) -> str:
    """A sentence about observe mode, for a person; "" where the policy has none."""
    end = policy.observe_until
    if not end:
        return ""
    if policy.standing.faults:
        return "observe mode rests while the policy is broken: everything is enforced"
    if not observing(policy, now):
        return f"observe mode ended with {end}: everything is enforced; take [observe] out of facts.toml"
    names = ", ".join(mandatory(policy))
    return f"OBSERVE MODE until the end of {end} (UTC): nothing is refused or rewritten" + (
        f", except by {names}" if names else ""
    )


def _day(seconds: float) -> str:
    at = time.gmtime(seconds)
    return f"{at.tm_year:04d}-{at.tm_mon:02d}-{at.tm_mday:02d}"
