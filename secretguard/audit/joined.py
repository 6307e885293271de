"""One task from both sides: what the broker recorded of it, and what the guard in its sandbox did. Pure.

The broker's records are the frame: who asked, which credentials, who approved, how it ended. The guard's steps stand
between them by time; both clocks are this machine's where `broker run` is. Steps that came out of the sandbox are its
own claim and marked so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from secretguard.audit.broker_records import REPORTED, claimed, identity, owned
from secretguard.audit.record import Record, moment, text_of
from secretguard.audit.sentences import ALARMS, sentence
from secretguard.audit.story import words
from secretguard.audit.timeline import Run, Step, run_of

BROKER, CLAIMED, GUARD = "broker", "claimed", "guard"
CREATED, ENDED = "broker:task:created", ("broker:task:ended", "broker:task:killed")


@dataclasses.dataclass(frozen=True)
class Line:
    """One thing that happened. `at` is in seconds from the first of all; `side` is BROKER, GUARD (a journal that is at
    hand says it) or CLAIMED (the sandbox said it to the broker)."""

    at: float
    side: str
    text: str
    alarm: bool


@dataclasses.dataclass(frozen=True)
class Joined:
    """One task. `asked` and `ended` are sentences, "" where no record says so; `run` is the guard's side, None where
    there is none; `credentials` and `approvals` are sentences, one each; numbers are of records."""

    task: str
    started: str
    seconds: float
    asked: str
    ended: str
    credentials: tuple[str, ...]
    approvals: tuple[str, ...]
    run: Run | None
    lines: tuple[Line, ...]
    of_broker: int
    of_sandbox: int
    of_journal: int

    @property
    def alarms(self) -> tuple[Line, ...]:
        """The lines to read first."""
        return tuple(line for line in self.lines if line.alarm)

    def did(self) -> dict[str, tuple[str, ...]]:
        """What the guard saw the agent do, each thing once: read, ran, changed, called out."""
        steps = [step for step in self.run.steps if step.happened != "no"] if self.run else []
        named = {"read": ("read",), "ran": ("run",), "changed": ("write", "change"), "called": ("call",)}
        told = {word: _once(step.subject for step in steps if step.kind in kinds) for word, kinds in named.items()}
        return {**told, "sent to": _once(_sent(call, step) for step in steps for call in step.calls)}


def join(task: str, broker: list[Record], journal: Iterable[Record]) -> Joined | None:
    """What is known of `task` from the broker's records and a guard's journal; None when neither knows it."""
    outside = [one for one in broker if one.get("task") == task and one.get("event") != REPORTED]
    inside = claimed(broker, task)
    known = {identity(record) for record in inside}
    here = [one for one in journal if one.get("claimed_task") == task and identity(one) not in known]
    if not outside and not inside and not here:
        return None
    guard = sorted([*inside, *(owned(one, task) for one in here)], key=moment)
    run = run_of(guard, "", task)
    lines = [
        (at, BROKER, sentence(_event(one), one)[1], _event(one) in ALARMS)
        for at, one in zip(_times(outside), outside, strict=True)
    ]
    if run:
        own = set(map(_seq, here)) - set(map(_seq, inside))  # in doubt, the weaker word
        began = moment(run.started)
        lines += [
            (began + step.at, GUARD if step.seq in own else CLAIMED, words(step), step.alarm) for step in run.steps
        ]
    lines.sort(key=lambda line: line[0])
    first = lines[0][0] if lines else 0.0
    return Joined(
        task=task,
        started=text_of(min([*outside, *guard], key=moment), "time"),
        seconds=max(0.0, lines[-1][0] - first) if lines else 0.0,
        asked=_said(outside, (CREATED,)),
        ended=_said(outside, ENDED),
        credentials=_credentials(outside),
        approvals=tuple(sentence(_event(one), one)[1] for one in outside if "broker:approval:" in _event(one)),
        run=run,
        lines=tuple(Line(round(at - first, 3), side, text, alarm) for at, side, text, alarm in lines),
        of_broker=len(outside),
        of_sandbox=len(inside),
        of_journal=len(here),
    )


def _sent(call: str, step: Step) -> str:
    if step.happened != "yes":
        return f"{call}, if it ran: no result is recorded"
    return f"{call}, and failed" if step.failed else call


def _times(records: list[Record]) -> list[float]:
    """When each of the broker's records was made. A time in whole seconds, as its approvals have, may be any moment of
    that second: the last one that the log's own order allows, so that it stands behind what it followed."""
    times: list[float] = []
    for record in reversed(records):
        at = moment(record.get("time"))
        if text_of(record, "time").endswith(".000Z"):
            at = min(at + 0.999, max(at, times[-1])) if times else at
        times.append(at)
    return times[::-1]


def _credentials(records: list[Record]) -> tuple[str, ...]:
    """Each lease with the grant that it was of and the last that became of it."""
    grants: dict[str, str] = {}
    last: dict[str, str] = {}
    for record in records:
        event, lease = _event(record), text_of(record, "lease")
        if event.startswith("broker:lease:") and lease:
            grants[lease] = text_of(record, "grant") or grants.get(lease, "")
            outcome = text_of(record, "revocation")
            last[lease] = event.rpartition(":")[2] + (f", {outcome}" if outcome else "")
    return tuple(f"{grants[lease] or 'a grant'} ({lease}): {what}" for lease, what in last.items())


def _said(records: list[Record], events: tuple[str, ...]) -> str:
    return next((sentence(_event(one), one)[1] for one in records if _event(one) in events), "")


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))


def _seq(record: Record) -> int:
    value = record.get("seq")
    return value if type(value) is int else 0


def _event(record: Record) -> str:
    return text_of(record, "event")
