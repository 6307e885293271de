"""Who must agree to another policy: the owners that the policy in force names, never those of the proposed one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from broker.authenticate.identity import Identity
from secretguard.policy.table import Policy

ENGINEERING, SECURITY = "engineering", "security"
SIDES = (ENGINEERING, SECURITY)


@dataclasses.dataclass(frozen=True, slots=True)
class Owners:
    """Patterns of callers (`broker/authenticate/identity.py`), by side."""

    engineering: tuple[str, ...] = ()
    security: tuple[str, ...] = ()

    def sides(self, person: Identity) -> tuple[str, ...]:
        """The sides that this caller speaks for: none, one or both. A Unix peer proves no person and has none."""
        if not person.may_be_person:
            return ()
        patterns = {ENGINEERING: self.engineering, SECURITY: self.security}
        return tuple(side for side in SIDES if any(person.matches(one) for one in patterns[side]))

    @property
    def of_both_sides(self) -> bool:
        """Whether each side has somebody."""
        return bool(self.engineering and self.security)


def owners_of(rules: Policy) -> Owners:
    """The owners that a policy's facts name."""
    named: object = rules.facts.get("owners", {})
    table = named if isinstance(named, dict) else {}
    return Owners(tuple(table.get(ENGINEERING, ())), tuple(table.get(SECURITY, ())))


def agreed(needs_both: bool, votes: Mapping[str, Iterable[str]]) -> bool:
    """Is that enough? `votes` are the sides that each person who agreed spoke for when they did.

    Both sides means two people: one for engineering and another one for security. Else any one owner will do.
    """
    speakers = {person: set(sides) for person, sides in votes.items() if sides}
    if not needs_both:
        return bool(speakers)
    engineers = {person for person, sides in speakers.items() if ENGINEERING in sides}
    guards = {person for person, sides in speakers.items() if SECURITY in sides}
    return bool(engineers and guards) and len(engineers | guards) > 1
