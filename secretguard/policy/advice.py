"""What a journal says about the rules that decided: questions that are always answered yes, rules that nothing meets,
what is refused most. Pure: records in, advice out; whether the records are genuine, `audit verify` says.

How a question was answered is not in the journal: the client asks, and tells the guard nothing. What shows is whether
the tool ran afterwards: a record of its result with the same session and tool-use id (*approved*), a later prompt of
the same session without one (*refused*), or neither (*unknown*: the session ended, the client crashed, it is still
waiting, there was no id). A client without a dialog refuses by itself, so *refused* does not mean that a person was
asked. The broker's approvals are in its own record (`broker log`) and are not counted here.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable, Mapping

from secretguard.policy.examples import expand
from secretguard.policy.table import Policy

LEAST_ASKED = 50
"""Questions of one rule below which nothing is concluded from the answers."""

APPROVED_SHARE = 0.95
"""A rule that is approved more often than this protects nothing: people answer it without reading."""

MOST_OPEN = 100_000
"""Questions whose result is looked for at the same time; the oldest beyond it are settled without one."""

GUARDED = ("read", "write", "run")
"""The actions that the guard decides about and records; the others are the broker's and the gate's."""

_ASKED = frozenset({"guard:read:asked", "guard:write:asked", "guard:command:asked"})
_REFUSED = frozenset(
    {f"guard:{what}:denied" for what in ("read", "write", "command", "settings", "prompt")} | {"gate:push:refused"}
)
_RESULTS = frozenset({"guard:read:allowed", "guard:read:redacted", "guard:read:exposed", "guard:read:withheld"})
_PROMPTS = frozenset({"guard:prompt:allowed", "guard:prompt:denied"})
Record = Mapping[str, object]


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """One rule's questions and how they ended; `asked` is the sum of the three."""

    rule: str
    approved: int
    refused: int
    unknown: int

    @property
    def asked(self) -> int:
        return self.approved + self.refused + self.unknown

    @property
    def waved_through(self) -> bool:
        """Whether the rule was approved nearly every time. What is unknown counts as not approved."""
        return self.asked >= LEAST_ASKED and self.approved > APPROVED_SHARE * self.asked


@dataclasses.dataclass(frozen=True, slots=True)
class Refused:
    """One rule's refusals: how many, and when the last one was (the record's time, UTC)."""

    rule: str
    count: int
    last: str


@dataclasses.dataclass(frozen=True, slots=True)
class Advice:
    """`records`: how many were looked at, from `first` to `last` (UTC, "" where there was none). `asked` and `refused`:
    most frequent first. `never_hit`: restricting rules of the policy that the guard could have met and did not.
    `elsewhere`: restricting rules that only the broker or the gate decides by."""

    records: int
    first: str
    last: str
    asked: tuple[Asked, ...]
    never_hit: tuple[str, ...]
    elsewhere: tuple[str, ...]
    refused: tuple[Refused, ...]


def advise(records: Iterable[Record], policy: Policy, since: str = "") -> Advice:
    """What `records` (in the journal's order) say about `policy`. `since`: an ISO date or time in UTC; what is older
    is passed over."""
    reading = _Reading()
    for record in records:
        if str(record.get("time", "")) >= since:
            reading.take(record)
    seen = reading.hit
    guarded, elsewhere = _restricting(policy)
    return Advice(
        reading.records,
        reading.first,
        reading.last,
        reading.asked(),
        tuple(rule for rule in guarded if rule not in seen),
        elsewhere,
        tuple(Refused(rule, count, reading.refused_at[rule]) for rule, count in reading.refused.most_common()),
    )


def _restricting(policy: Policy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(rules that ask or deny a guarded action, rules that do so for the others alone), in the vocabulary's order."""
    decided = ((request.action, policy.decide(request)) for request in expand("*/*/*/*"))
    stopping = [(action, d.rule) for action, d in decided if d.outcome != "allow" and not d.default]
    guarded = dict.fromkeys(rule for action, rule in stopping if action in GUARDED)
    return tuple(guarded), tuple(dict.fromkeys(rule for _, rule in stopping if rule not in guarded))


class _Reading:
    """One pass over the journal: counts, and the questions whose result has not been seen yet."""

    def __init__(self) -> None:
        self.records, self.first, self.last = 0, "", ""
        self.hit: set[str] = set()
        self.refused: collections.Counter[str] = collections.Counter()
        self.refused_at: dict[str, str] = {}
        self._ends: dict[str, collections.Counter[str]] = {}
        self._open: dict[tuple[str, str], tuple[str, int]] = {}  # (session, tool use) → (rule, number of the record)
        self._prompted: dict[str, int] = {}  # session → number of its last prompt's record

    def take(self, record: Record) -> None:
        """Count one record."""
        event, rule, time = (str(record.get(key, "")) for key in ("event", "rule", "time"))
        self.records, self.first, self.last = self.records + 1, self.first or time, time
        session, use = (str(record.get(key, "")) for key in ("session_id", "tool_use_id"))
        if event in _PROMPTS:
            self._prompted[session] = self.records
        if event in _RESULTS and record.get("phase") != "before" and (session, use) in self._open:
            self._end(self._open.pop((session, use))[0], "approved")
        if event in _ASKED:
            self.hit.add(rule)
            self._question(rule, session, use)
        elif event in _REFUSED:
            self.hit.add(rule)
            self.refused[rule] += 1
            self.refused_at[rule] = time

    def asked(self) -> tuple[Asked, ...]:
        """The questions by rule, most frequent first."""
        while self._open:
            self._settle_oldest()
        found = [Asked(rule, ends["approved"], ends["refused"], ends["unknown"]) for rule, ends in self._ends.items()]
        return tuple(sorted(found, key=lambda asked: (-asked.asked, asked.rule)))

    def _question(self, rule: str, session: str, use: str) -> None:
        if not session or not use:
            self._end(rule, "unknown")
            return
        self._open[session, use] = (rule, self.records)  # a hook that was called twice asks once
        if len(self._open) > MOST_OPEN:
            self._settle_oldest()

    def _settle_oldest(self) -> None:
        """The end of a question without a result: a later prompt of its session shows that it was answered."""
        key = next(iter(self._open))
        rule, asked_at = self._open.pop(key)
        self._end(rule, "refused" if self._prompted.get(key[0], 0) > asked_at else "unknown")

    def _end(self, rule: str, how: str) -> None:
        self._ends.setdefault(rule, collections.Counter())[how] += 1
