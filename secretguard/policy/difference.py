"""What changes between two policies, in words: which cells, and whether it tightens, loosens or both."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from secretguard.policy.change import LOOSENS, TIGHTENS, Ways, together
from secretguard.policy.examples import expand
from secretguard.policy.request import DATA, EFFECTS, OUTCOMES, Request
from secretguard.policy.table import Policy

SAID = {"same": "changes no decision", "both": "both tightens and loosens"}
"""`Ways.word` → what a person is told, where that is more than the word."""


@dataclasses.dataclass(frozen=True)
class Change:
    """One cell that is decided otherwise."""

    request: Request
    old: str
    new: str

    @property
    def tightens(self) -> bool:
        return OUTCOMES.index(self.new) > OUTCOMES.index(self.old)

    def __str__(self) -> str:
        r = self.request
        return f"{r.environment} {r.action}: {self.old} → {self.new} ({r.effect}, {r.data} data)"


def changes(old: Policy, new: Policy) -> list[Change]:
    """The cells whose outcome differs, in the vocabulary's order. A reason alone is no change."""
    pairs = ((request, old.decide(request).outcome, new.decide(request).outcome) for request in expand("*/*/*/*"))
    return [Change(request, before, after) for request, before, after in pairs if before != after]


def in_words(found: Iterable[Change]) -> list[tuple[str, bool]]:
    """(sentence, whether it tightens) for changes that belong together: `production write: ask → allow` where it holds
    for every effect and kind of data, else with those that it holds for."""
    groups: dict[tuple[str, str, str, str], list[Change]] = {}
    for change in found:
        key = (change.request.environment, change.request.action, change.old, change.new)
        groups.setdefault(key, []).append(change)
    lines = []
    for (environment, action, old, new), members in groups.items():
        sentence = f"{environment} {action}: {old} → {new}"
        lines += [(f"{sentence}{which}", members[0].tightens) for which in _which(members)]
    return lines


def _which(members: Sequence[Change]) -> list[str]:
    """The effects and kinds of data of one group, as few sentences as say it exactly."""
    by_effect: dict[str, tuple[str, ...]] = {}
    for effect in EFFECTS:
        meant = {m.request.data for m in members if m.request.effect == effect}
        by_effect[effect] = tuple(data for data in DATA if data in meant)
    found = []
    for kinds in dict.fromkeys(filter(None, by_effect.values())):
        effects = [effect for effect in EFFECTS if by_effect[effect] == kinds]
        words = [", ".join(effects)] if len(effects) < len(EFFECTS) else []
        words += [f"{', '.join(kinds)} data"] if len(kinds) < len(DATA) else []
        found.append(f" ({'; '.join(words)})" if words else "")
    return found


def direction(found: Iterable[Change], labels: Iterable[Ways] = ()) -> str:
    """`tightens`, `loosens`, `both tightens and loosens`, or `changes no decision`, of cells and labels together."""
    ways = [TIGHTENS if one.tightens else LOOSENS for one in found]
    word = together([*ways, *labels]).word
    return SAID.get(word, word)
