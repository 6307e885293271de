"""Looks at a project's files, as a run tells of them: what changed, who wrote it as far as that was seen. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from secretguard.audit.record import Record, text_of

KINDS = {
    "guard:file:changed": "change",
    "guard:head:moved": "change",
    "guard:files:unlisted": "unseen",
    "guard:files:compared": "look",
    "guard:turn:ended": "turn",
}
"""Event → kind of step. `unseen` is a gap in what is known of the files."""
_COMPARED = "compared"
_LONGEST = 120


def kind(record: Record) -> str:
    """The kind of step that the record is, "" where it is not about a look. A turn without one is `unseen`."""
    found = KINDS.get(text_of(record, "event"), "")
    return "unseen" if found == "turn" and _COMPARED not in record else found


def settled(records: list[Record]) -> list[Record]:
    """The records with each look that a turn's end asked for put into that record, whose step then tells of it."""
    told = sorted(records, key=lambda record: record.get("event") == "guard:files:compared")  # it counts before a gap
    answers = {look: record for record in told for look in _looks(record)}
    ended = {text_of(record, "look") for record in records if record.get("event") == "guard:turn:ended"}
    kept = []
    for record in records:
        event, answer = record.get("event"), answers.get(text_of(record, "look"))
        if event == "guard:turn:ended" and answer is not None:
            kept.append({**record, _COMPARED: answer})
        elif event != "guard:files:compared" or not ended.intersection(_looks(record)):
            kept.append(record)
    return kept


def subject(record: Record) -> str:
    """What happened, in words that stand by themselves."""
    event = text_of(record, "event")
    if event == "guard:file:changed":
        source = text_of(record, "source")
        return f"{text_of(record, 'how')} {text_of(record, 'path')}" + (f", was {source}" if source else "")
    if event == "guard:head:moved":
        new, commits = text_of(record, "new")[:12], record.get("commits")
        count = f", {commits} commits ahead" if isinstance(commits, int) else ""
        return f"HEAD of {text_of(record, 'path')} moved to {new}{count}"
    if event == "guard:files:unlisted":
        return f"not all changes of files are listed: {text_of(record, 'reason')}"
    if event == "guard:files:compared":
        return _compared(record)
    answer = record.get(_COMPARED)
    return f"turn ended, {_compared(answer)}" if isinstance(answer, dict) else "turn ended, its files were not compared"


def note(record: Record, calls: Mapping[str, str]) -> str:
    """Who changed the file, as far as that was seen; `calls` are the run's tool calls with what each was about."""
    if record.get("event") != "guard:file:changed":
        return ""
    by, during = record.get("by"), record.get("during")
    if isinstance(by, list):
        return f"what the agent wrote: {_named(by, calls)}"
    return f"while this ran: {_named(during, calls)}" if isinstance(during, list) else str(by or "")


def _named(ids: list[object], calls: Mapping[str, str]) -> str:
    named = [calls.get(str(one)) or str(one) for one in ids[-3:]]
    return ", ".join(text if len(text) <= _LONGEST else text[:_LONGEST] + "…" for text in named)


def _compared(record: Record) -> str:
    changed, since = record.get("changed"), text_of(record, "since")
    if record.get("event") != "guard:files:compared":
        return "its files were not compared"
    if since.startswith("the first look"):
        return "files looked at for the first time"
    return f"{changed} file{'' if changed == 1 else 's'} changed since the look before"


def _looks(record: Record) -> list[str]:
    looks = record.get("looks") if KINDS.get(text_of(record, "event")) in ("look", "unseen") else None
    return [str(look) for look in looks] if isinstance(looks, list) else []
