"""What a journal says about the rules that decided: questions that are always answered yes, rules that nothing meets,
what is refused most, what a trial would have done. Pure: records in, advice out; whether the records are genuine,
`audit verify` says.

How a question was answered is not in the journal: the client asks, and tells the guard nothing. What shows is whether
the tool ran afterwards: a record of its result with the same session and tool-use id (*approved*), a later prompt of
the same session without one (*refused*), or neither (*unknown*: the session ended, the client crashed, it is still
waiting, there was no id). A client without a dialog refuses by itself, so *refused* does not mean that a person was
asked. The broker's approvals are in its own record (`broker log`) and are not counted here.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import statistics
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
_LEAST_HOURS = 0.1
Record = Mapping[str, object]


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """One rule's questions and how they ended; `asked` is the sum of the three. `seconds` is the median time from an
    approved question to its tool's result: the answer took at most so long. None where no time can be read."""

    rule: str
    approved: int
    refused: int
    unknown: int
    seconds: float | None = dataclasses.field(default=None, compare=False)

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
class Observed:
    """What one rule would have done (`ask`, `deny`, `redact`) while the policy was observed, and how often."""

    rule: str
    would: str
    count: int


@dataclasses.dataclass(frozen=True, slots=True)
class Advice:
    """`records`: how many were looked at, from `first` to `last` (UTC, "" where there was none). `asked` and `refused`:
    most frequent first. `never_hit`: restricting rules of the policy that the guard could have met and did not.
    `elsewhere`: restricting rules that only the broker or the gate decides by. `observed`: most frequent first.
    `hours`: the sessions' lengths together, from each one's first record to its last."""

    records: int
    first: str
    last: str
    asked: tuple[Asked, ...]
    never_hit: tuple[str, ...]
    elsewhere: tuple[str, ...]
    refused: tuple[Refused, ...]
    observed: tuple[Observed, ...] = ()
    hours: float = 0.0

    @property
    def asked_per_hour(self) -> float | None:
        """Questions per hour of a session; None where the sessions are too short to tell (six minutes together)."""
        return sum(asked.asked for asked in self.asked) / self.hours if self.hours >= _LEAST_HOURS else None


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
        tuple(Observed(rule, would, count) for (rule, would), count in reading.observed.most_common()),
        reading.hours(),
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
        self.observed: collections.Counter[tuple[str, str]] = collections.Counter()
        self._ends: dict[str, collections.Counter[str]] = {}
        self._seconds: dict[str, list[float]] = {}
        self._spans: dict[str, tuple[float, float]] = {}  # session → seconds of its first and last record
        # (session, tool use) → (rule, number of the record, its seconds)
        self._open: dict[tuple[str, str], tuple[str, int, float | None]] = {}
        self._prompted: dict[str, int] = {}  # session → number of its last prompt's record

    def take(self, record: Record) -> None:
        """Count one record."""
        event, rule, time = (str(record.get(key, "")) for key in ("event", "rule", "time"))
        self.records, self.first, self.last = self.records + 1, self.first or time, time
        session, use = (str(record.get(key, "")) for key in ("session_id", "tool_use_id"))
        at = _seconds(time)
        if session and at is not None:
            self._spans[session] = (min(self._spans.get(session, (at, at))[0], at), at)
        if record.get("would"):
            self.observed[str(record.get("would_rule", "")), str(record["would"])] += 1
            self.hit.add(str(record.get("would_rule", "")))
        if event in _PROMPTS:
            self._prompted[session] = self.records
        if event in _RESULTS and record.get("phase") != "before" and (session, use) in self._open:
            asked_rule, _, asked_at = self._open.pop((session, use))
            self._end(asked_rule, "approved")
            if at is not None and asked_at is not None and at >= asked_at:
                self._seconds.setdefault(asked_rule, []).append(at - asked_at)
        if event in _ASKED:
            self.hit.add(rule)
            self._question(rule, session, use, at)
        elif event in _REFUSED:
            self.hit.add(rule)
            self.refused[rule] += 1
            self.refused_at[rule] = time

    def asked(self) -> tuple[Asked, ...]:
        """The questions by rule, most frequent first."""
        while self._open:
            self._settle_oldest()
        found = [
            Asked(rule, ends["approved"], ends["refused"], ends["unknown"], self._median(rule))
            for rule, ends in self._ends.items()
        ]
        return tuple(sorted(found, key=lambda asked: (-asked.asked, asked.rule)))

    def hours(self) -> float:
        """How long the sessions were, together."""
        return sum(last - first for first, last in self._spans.values()) / 3600

    def _median(self, rule: str) -> float | None:
        return statistics.median(self._seconds[rule]) if rule in self._seconds else None

    def _question(self, rule: str, session: str, use: str, at: float | None) -> None:
        if not session or not use:
            self._end(rule, "unknown")
            return
        self._open[session, use] = (rule, self.records, at)  # a hook that was called twice asks once
        if len(self._open) > MOST_OPEN:
            self._settle_oldest()

    def _settle_oldest(self) -> None:
        """The end of a question without a result: a later prompt of its session shows that it was answered."""
        key = next(iter(self._open))
        rule, asked_at, _ = self._open.pop(key)
        self._end(rule, "refused" if self._prompted.get(key[0], 0) > asked_at else "unknown")

    def _end(self, rule: str, how: str) -> None:
        self._ends.setdefault(rule, collections.Counter())[how] += 1


def _seconds(time: str) -> float | None:
    """A record's time in seconds since the epoch, None for one that is none."""
    try:
        at = datetime.datetime.fromisoformat(time)
    except ValueError:
        return None
    return at.timestamp() if at.tzinfo else None
