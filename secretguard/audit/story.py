"""A run as text for a person: what needs attention first, then every step in order with its time from the start."""

from __future__ import annotations

import json
from collections.abc import Callable

from secretguard.audit.journal import ENVELOPE
from secretguard.audit.record import Record
from secretguard.audit.timeline import Run, Step
from secretguard.terminal import printable

Style = Callable[[str, str], str]
"""(text, colour or "bold") → the text, coloured or as it is."""

_DONE = {"read": "read", "run": "ran", "write": "wrote", "call": "called", "use": "used", "prompt": "sent a prompt"}
_COLOURS = {
    "EXPOSED": "red", "RECORD": "red", "refused": "yellow", "denied": "yellow", "withheld": "yellow", "asked": "cyan",
    "redacted": "green", "UNSEEN": "red", "changed": "cyan",
}  # fmt: skip

_CALLED = {"yes": "called out", "no": "would have called out", "cannot tell": "would call out"}
_STANDING_OUT = ("denied", "refused", "withheld", "exposed", "torn", "mismatch", "missing", "unreadable")


def plain(text: str, colour: str) -> str:
    """No colours: what is not a terminal gets none."""
    del colour
    return text


def story(run: Run, integrity: str, where: str, style: Style = plain) -> str:
    """The whole text. `integrity` is the verifier's word on the journal, `where` names host and user."""
    client = " ".join(filter(None, (run.client, run.version))) or "unknown client"
    lines = [
        style(f"session {printable(run.session)}", "bold") + f"  {printable(client)}",
        f"began {printable(run.started)}, {duration(run.seconds)}, {printable(where)}",
        f"record: {integrity}",
        summary(run),
    ]
    alarms = run.alarms
    if alarms:
        lines += ["", style(f"LOOK HERE: {len(alarms)}", "red")]
        lines += [_line(step, style) for step in alarms]
    else:
        lines.append("no exposure is known, no gap in the record")
    lines += ["", style("in order", "bold"), *(_line(step, style) for step in run.steps)]
    if run.cut:
        lines.append("the run is longer: what follows is not shown; `secretguard audit show --session` has all of it")
    return "\n".join(lines)


def words(step: Step) -> str:
    """One step as `story` words it, without its time."""
    return _line(step, plain).strip().partition(" ")[2].strip()


def record_line(record: Record, style: Style = plain) -> str:
    """One record as one line: number, time, event, then its own fields."""
    rest = {key: value for key, value in record.items() if key not in ENVELOPE}
    words = "  ".join(f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in rest.items())
    event = str(record.get("event"))
    marked = style(printable(event), "yellow" if event.endswith(_STANDING_OUT) else "")
    seq, moment = printable(str(record.get("seq"))), printable(str(record.get("time")))
    return f"{seq:>6}  {moment}  {marked}  {printable(words)}"


def summary(run: Run) -> str:
    """The run in numbers: steps of each kind, refusals, secrets kept back."""
    counts = run.counts()
    done = [
        (counts[kind], kind) for kind in ("prompt", "read", "run", "write", "call", "use", "change") if counts.get(kind)
    ]
    words = {
        "prompt": "prompt",
        "read": "read",
        "run": "command",
        "write": "write",
        "call": "call",
        "use": "other tool",
        "change": "file change",
    }
    parts = [_plural(number, words[kind]) for number, kind in done]
    answers = [f"{counts[answer]} {answer}" for answer in ("asked", "denied", "refused") if counts.get(answer)]
    return printable("; ".join(filter(None, (", ".join(parts), ", ".join(answers), _kept(run)))) or "nothing")


def _kept(run: Run) -> str:
    number, complete = run.kept_back()
    rules = {rule for step in run.steps if step.kept for rule in step.rules}
    least = "" if complete else "at least "
    return f"{least}{_plural(number, 'secret')} kept back ({', '.join(sorted(rules))})" if number else ""


def _line(step: Step, style: Style) -> str:
    mark = _mark(step)
    what = _DONE.get(step.kind, "") if step.happened == "yes" else {"use": "use", "fault": ""}.get(step.kind, step.kind)
    head = f"  {clock(step.at):>9}  {style(f'{mark:<8}', _COLOURS.get(mark, ''))}  {what}"
    return " ".join(filter(None, (head, printable(step.subject), _detail(step))))


def _mark(step: Step) -> str:
    if step.kind in ("record", "unseen", "change"):
        return {"record": "RECORD" if step.alarm else "", "unseen": "UNSEEN", "change": "changed"}[step.kind]
    if step.seen == "exposed":
        return "EXPOSED"
    return step.seen if step.seen in ("redacted", "withheld") else "" if step.answer == "allowed" else step.answer


def _detail(step: Step) -> str:
    """What a reviewer needs beside the act, in brackets."""
    parts = []
    if step.count:
        secrets = f"{_plural(step.count, 'secret')}: {', '.join(step.rules)}" if step.rules else ""
        parts.append(secrets or _plural(step.count, "placeholder"))
    if step.seen == "exposed":
        parts.append("left to the provider" if step.outcome == "left" else "whether it left: cannot tell")
    elif step.alarm and step.kind not in ("record", "unseen"):
        parts.append("whether something left: cannot tell")
    if step.answer in ("asked", "denied") and step.rule:
        parts.append(f"rule {step.rule}")
    if step.answer == "asked":
        parts.append("it ran" if step.happened == "yes" else "no result recorded")
    elif step.answer == "allowed" and step.happened == "cannot tell":
        parts.append("no result recorded")
    if step.failed:
        parts.append("it failed")
    if step.calls:
        parts.append(f"{_CALLED[step.happened]}: {', '.join(step.calls)}")
    if step.note:
        parts.append(step.note)
    if step.agent:
        parts.append(f"by subagent {step.agent}")
    return f"[{printable('; '.join(parts))}]" if parts else ""


def clock(seconds: float) -> str:
    """Time from the start: `+1:02`, `+1:00:02`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02d}:{rest:02d}" if hours else f"+{minutes}:{rest:02d}"


def duration(seconds: float) -> str:
    """`1 h 2 min 3 s`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest} s"]
    return " ".join(filter(None, parts))


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
