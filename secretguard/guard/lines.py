"""One line a secret and session for the person; later ones are counted, and nothing is said when nothing happened.

Hot path, where there is a finding.
"""

from __future__ import annotations

import time

from secretguard.agents.event import BEFORE, FAILED, PROMPT, REQUEST, Event, Outcome
from secretguard.guard import given
from secretguard.guard.outcomes import DID_NOT_LEAVE, LEFT
from secretguard.secret import mask
from secretguard.verdict import DENY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from secretguard.detect.finding import Finding
    from secretguard.guard.given import Row
    from secretguard.guard.room import Room
    from secretguard.placeholder import Placeholders

MOST = 5
"""Lines of one event; of more secrets the number is told."""
_LONGEST_COMMAND = 60
_ACCEPT = "`secretguard accept "
"""In a reason that a person reads anyhow."""


def told(event: Event, outcome: Outcome, room: Room) -> None:
    """Remember the secrets that `outcome` is about, and add a line to its notice for each that is new in the session,
    and for those that wait to be told.

    Where a refused prompt says it all by itself (`guard/again.py`), nothing is added. Raises GuardError.
    """
    where = _where(event, outcome, room)
    rows = rows_of(
        outcome.found,
        room.tags,
        where=where,
        path=room.file,
        project=room.project,
        session=event.ids.get("session_id", ""),
        outcome=str(outcome.fields.get("outcome", "")),
    )
    session = event.ids.get("session_id", "")
    fresh, again = given.remember(session, rows) if rows else ([], 0)
    if _ACCEPT in outcome.verdict.reason and outcome.verdict.outcome == DENY:
        fresh = []
    due = given.due(session)
    if not fresh and not due:
        return
    from secretguard.guard.texts import line, text  # mostly there is nothing new to tell

    said = [_line(event, outcome, row) for row in fresh[:MOST]]
    said += [line("hidden", **_words(row)) for row in due[: max(0, MOST - len(said))]]
    if again:
        said[-1] += text("again", count=again)
    if len(fresh) + len(due) > MOST:
        said.append(line("more", count=len(fresh) + len(due) - MOST, where=where if fresh else due[0]["where"]))
    outcome.notice = "\n".join(filter(None, (outcome.notice, *said)))


def wait(found: Iterable[Finding], command: str, room: Room, session: str) -> None:
    """Have the session's next hook tell of the secrets that the shell wrapper hid in what `command` printed."""
    rows = rows_of(
        found,
        room.tags,
        where=output_of(command),
        path="",
        project=room.project,
        session=session,
        outcome=DID_NOT_LEAVE,
    )
    given.wait(session, rows)


def output_of(command: str) -> str:
    """What a line calls the output of `command`, which is as a record may hold it."""
    return f"the output of {_short(command)}"


def _short(command: str) -> str:
    shown = command.replace("\n", " ")
    return f"`{shown if len(shown) <= _LONGEST_COMMAND else shown[:_LONGEST_COMMAND] + '…'}`"


def rows_of(
    found: Iterable[Finding],
    tags: Placeholders,
    *,
    where: str,
    path: str,
    project: str,
    session: str,
    outcome: str,
) -> list[Row]:
    """A row for each distinct secret of `found`, for `given.remember`. `where` is for people, `path` the file or ""."""
    rows: dict[str, Row] = {}
    where = _harmless(where)
    for finding in found:
        tag = tags.digits(finding.value)
        rows.setdefault(
            tag,
            {
                "tag": tag,
                "outcome": outcome,
                "rule": finding.rule_id,
                "what": _harmless(finding.description),
                "masked": mask(finding.value.decode("utf-8", "replace")),
                "digest": tags.everywhere(finding.value),
                "where": where,
                "path": path,
                "project": project,
                "session": session,
                "at": f"{time.time():.0f}",
            },
        )
    return list(rows.values())


def _harmless(text: str) -> str:
    """A file's name may be made to drive a terminal, or to look like a line of ours."""
    if text.isprintable():
        return text
    from secretguard.terminal import printable

    return printable(text)


def _line(event: Event, outcome: Outcome, row: Row) -> str:
    from secretguard.guard.texts import line

    words = _words(row)
    if row["outcome"] == DID_NOT_LEAVE:
        stopped = outcome.verdict.outcome == DENY
        return line("stopped", action=_action(event), **words) if stopped else line("hidden", **words)
    from secretguard.guard.rotate import page  # rare

    if row["outcome"] == LEFT:
        return line("exposed", cause=_cause(event, outcome), rotate=page(row["rule"]), **words)
    return line("unknown", rotate=page(row["rule"]), **words)


def _words(row: Row) -> dict[str, object]:
    from secretguard.guard.texts import text

    return {"what": row["what"], "where": row["where"], "accept": text("accept", tag=row["tag"])}


def _action(event: Event) -> str:
    return {"Bash": "the command", "": "the prompt"}.get(event.tool, event.tool)


def _cause(event: Event, outcome: Outcome) -> str:
    from secretguard.guard.texts import text

    if "paused" in outcome.fields:
        return text("paused")
    return text("failing", tool=event.tool) if event.kind == FAILED else text("observed")


def _where(event: Event, outcome: Outcome, room: Room) -> str:
    path, command = outcome.fields.get("path"), outcome.fields.get("command")
    if path:
        return str(path).removeprefix(room.project + "/")
    if command:
        return _short(str(command)) if event.kind == BEFORE else output_of(str(command))
    if event.kind == PROMPT:
        return "the prompt"
    if event.kind == REQUEST:
        return "a request to the model"
    return f"the input of {event.tool}" if event.kind == BEFORE else f"the result of {event.tool}"
