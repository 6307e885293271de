"""One run of an agent, put together from its records: what it read, ran and wrote, and what came of each. Pure.

The two records of one tool call, before and after, become one step. What the journal does not say is said to be
unknown: an asked command has run when a result follows it; without one nobody can tell from here.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, deque
from collections.abc import Iterable

from secretguard.audit import calls, looks
from secretguard.audit.digest import FIELD, MAX_LISTED
from secretguard.audit.record import Record, moment, number_of, text_of

MAX_RECORDS = 100_000
"""Records of one run that are put together; a longer run is cut and says so."""
KINDS = {
    "Read": "read", "Grep": "read", "Glob": "read", "LS": "read", "Bash": "run", "Write": "write", "Edit": "write",
    "MultiEdit": "write", "NotebookEdit": "write", "WebFetch": "call", "WebSearch": "call",
}  # fmt: skip
"""Tool → what it does; the tools of servers (`mcp__...`) call, any other is used."""
ROUTINE = ("journal:file:started", "journal:segment:started", "journal:segment:pruned", "journal:key:rotated")
"""What a journal says of itself without lacking anything of the run that it falls into."""
LOOSE = ("guard:event:unreadable", "guard:settings:denied", "journal:")
"""Records without a session that matter to the run they fall into."""


@dataclasses.dataclass(frozen=True)
class Step:
    """One thing that happened. `at` is in seconds from the run's first record.

    `kind` is prompt, read, run, write, call, use, settings, fault, record, or one of `looks.KINDS`. `answer` is the
    decision before it (allowed, asked, denied, refused) or "". `seen` is what the model got of the result: left,
    redacted, withheld, exposed, or "". `happened` is yes, no or "cannot tell". What was found in the call: `rules`,
    `count`, `secrets` (digests). `note` says who changed a file, as far as that was seen. `calls` are the places that
    it called or would have, in words; `failed`: it ran and failed.
    """

    seq: int
    at: float
    kind: str
    subject: str
    answer: str = ""
    seen: str = ""
    happened: str = "cannot tell"
    rule: str = ""
    rules: tuple[str, ...] = ()
    count: int = 0
    outcome: str = ""
    agent: str = ""
    event: str = ""
    secrets: tuple[str, ...] = ()
    note: str = ""
    calls: tuple[str, ...] = ()
    failed: bool = False

    @property
    def alarm(self) -> bool:
        """Whether a reviewer must look: something reached the model or may have, or the record itself has a gap."""
        unsure = self.seen == "withheld" or self.answer == "refused"
        gap = self.kind == "unseen" or (self.kind == "record" and self.event not in ROUTINE)
        return self.seen == "exposed" or gap or (unsure and self.outcome == "cannot tell")

    @property
    def kept(self) -> int:
        """How many secrets were kept from the model or from a file; a placeholder that was refused is none."""
        return self.count if self.rules and self.seen != "exposed" else 0


@dataclasses.dataclass(frozen=True)
class Run:
    """A session of a client: `started` as the first record says it, `seconds` to the last; `cut` when it is longer."""

    session: str
    client: str
    version: str
    started: str
    seconds: float
    steps: tuple[Step, ...]
    cut: bool

    @property
    def alarms(self) -> tuple[Step, ...]:
        """The steps to read first."""
        return tuple(step for step in self.steps if step.alarm)

    def counts(self) -> dict[str, int]:
        """How many steps of each kind, of each answer but allowed, and how many secrets were kept back."""
        counted = Counter(step.kind for step in self.steps)
        counted.update(step.answer for step in self.steps if step.answer not in ("", "allowed"))
        counted["kept back"] = self.kept_back()[0]
        return dict(counted)

    def kept_back(self) -> tuple[int, bool]:
        """How many different secrets were kept back, and whether that is all: False where a record does not list them,
        and the number is then the least that it can be."""
        steps = [step for step in self.steps if step.kept]
        named = {digest for step in steps for digest in step.secrets}
        complete = all(0 < len(step.secrets) < MAX_LISTED for step in steps)
        return max(len(named), 1 if steps else 0), complete


def last_session(records: Iterable[Record]) -> str:
    """The session of the newest record that has one; "" when none has."""
    session = ""
    for record in records:
        session = text_of(record, "session_id") or session
    return session


def run_of(records: Iterable[Record], session: str, task: str = "") -> Run | None:
    """The run with the client's id `session`, from a journal's records in order; None when there is no such session.

    With `task` instead of a session: all that claims to be that task of the broker's, whichever sessions it had.
    """
    own: list[Record] = []
    loose: deque[Record] = deque(maxlen=MAX_RECORDS)
    cut = False
    for record in records:
        if text_of(record, "claimed_task") == task if task else text_of(record, "session_id") == session:
            if len(own) + len(loose) >= MAX_RECORDS:
                cut = True
                break
            own += [*loose, record]
            loose.clear()
        elif own and not record.get("session_id") and text_of(record, "event").startswith(LOOSE):
            loose.append(record)
    if not own:
        return None
    start = moment(own[0].get("time"))
    groups = _calls(looks.settled(own))
    steps = [_step(group, start) for group in groups]
    about = {text_of(group[0], "tool_use_id"): step.subject for group, step in zip(groups, steps, strict=True)}
    noted = [
        dataclasses.replace(step, note=looks.note(group[0], about)) for group, step in zip(groups, steps, strict=True)
    ]
    return Run(
        session or next((text for record in own if (text := text_of(record, "session_id"))), ""),
        next((text for record in own if (text := text_of(record, "client"))), ""),
        next((text for record in own if (text := text_of(record, "client_version"))), ""),
        text_of(own[0], "time"),
        max(0.0, moment(own[-1].get("time")) - start),
        tuple(noted),
        cut,
    )


def _calls(records: list[Record]) -> list[list[Record]]:
    """Records of one tool call together, at the place of the first."""
    groups: dict[object, list[Record]] = {}
    for number, record in enumerate(records):
        key: object = text_of(record, "tool_use_id") if record.get("tool") else ""
        groups.setdefault(key or number, []).append(record)
    return list(groups.values())


def _step(group: list[Record], start: float) -> Step:
    decision = next((record for record in group if not _is_result(record)), None)
    result = next((record for record in reversed(group) if _is_result(record)), None)
    first, telling = group[0], result or group[0]
    event = text_of(telling, "event")
    answer = "" if decision is None else _answer(text_of(decision, "event"))
    seen = "" if result is None else text_of(result, "event").rpartition(":")[2].replace("allowed", "left")
    marked = next((record for record in reversed(group) if record.get("rules")), telling)
    counted = marked.get("count")
    return Step(
        seq=number_of(first, "seq"),
        at=round(max(0.0, moment(first.get("time")) - start), 3),
        kind=_kind(first),
        subject=next((s for record in group if (s := _subject(record))), ""),
        answer=answer,
        seen=seen,
        happened=_happened(answer, result is not None, _kind(first)),
        rule=text_of(decision or telling, "rule"),
        rules=_texts(marked.get("rules")),
        count=counted if type(counted) is int and _kind(first) != "record" else 0,
        outcome=text_of(telling, "outcome"),
        agent=text_of(first, "agent_id"),
        event=event,
        secrets=_texts(marked.get(FIELD)),
        calls=next((told for record in group if (told := calls.told(record))), ()),
        failed=any(record.get("happened") == "failed" for record in group),
    )


def _is_result(record: Record) -> bool:
    """A record of what a tool gave back; a decision about a read carries the phase `before`, denies or asks."""
    event = text_of(record, "event")
    return (
        event.startswith("guard:read:")
        and record.get("phase") != "before"
        and not event.endswith((":denied", ":asked"))
    )


def _answer(event: str) -> str:
    if event.startswith("journal:") or event in looks.KINDS:
        return ""
    return "refused" if event == "guard:event:unreadable" else event.rpartition(":")[2]


def _happened(answer: str, result: bool, kind: str) -> str:
    if result or (kind == "prompt" and answer == "allowed") or kind in ("record", *looks.KINDS.values()):
        return "yes"
    return "no" if answer in ("denied", "refused") else "cannot tell"


def _kind(record: Record) -> str:
    area, _, rest = text_of(record, "event").partition(":")
    tool = text_of(record, "tool")
    if tool:
        return KINDS.get(tool, "call" if tool.startswith("mcp__") else "use")
    if area == "journal":
        return "record"
    if look := looks.kind(record):
        return look
    return {"prompt": "prompt", "settings": "settings", "event": "fault"}.get(rest.partition(":")[0], "use")


def _subject(record: Record) -> str:
    """What it was about: the command, the path, else the tool, else the reason; of a prompt the file that it names."""
    event = text_of(record, "event")
    if event.startswith("journal:"):
        return event
    if event in looks.KINDS:
        return looks.subject(record)
    if event.startswith("guard:prompt:"):
        return text_of(record, "path")
    return next((text for name in ("command", "path", "tool", "reason") if (text := text_of(record, name))), "")


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()
