"""One hook call, start to end: read, parse, decide, record, answer. Hot path; nothing is kept between calls.

Record, then act: the answer is printed only after the verdict is in the journal. Every fault of any kind ends in the
client's failure answer for that event (`agents/capability.py`), never in silence.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C half: `signal` itself imports enum
import os

from secretguard.agents import capability, claude_code
from secretguard.agents.event import (
    AFTER,
    END,
    FAILED,
    PROMPT,
    START,
    TASK,
    TURN,
    Answer,
    Event,
    Outcome,
    UnreadableEvent,
)
from secretguard.audit.journal import user_journal
from secretguard.audit.vocabulary import OBSERVE, durability
from secretguard.errors import GuardError, RecordError
from secretguard.guard.decide import decide
from secretguard.guard.room import Room
from secretguard.keyed import sha256_hex
from secretguard.places import snapshots_dir, state_dir
from secretguard.verdict import ALLOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from secretguard.guard.restore import Settled
    from secretguard.worktree.start import Look

    Version = tuple[int, int, int] | None

HOST_TIMEOUT = 12
"""Seconds that the client is told to wait for this hook (`timeout` in its settings)."""
DEADLINE = HOST_TIMEOUT / 3
"""Seconds after which the guard gives its failure answer by itself, long before the client would give up on it."""
LARGEST = 48 * 1024 * 1024
"""Bytes of one event; larger ones are not read."""

HEAD = 64 * 1024
"""Bytes of an event that cannot be read in which its tool is looked for."""

CLIENTS = ("claude-code",)
SAID = (START, PROMPT)
"""Events at which a person is told how the policy stands."""
TELLING = (AFTER, FAILED, PROMPT)
"""Events at which a person is told what the shell wrapper hid before."""
LOOKED = (START, PROMPT, TURN, END)
"""Events at which a look at the project's files is started."""


class _TooLate(BaseException):
    """The deadline passed. Not an Exception, so that no handler on the way swallows it."""


def main(client: str) -> None:
    """Answer the one event on stdin and end the process: exit 0 with an answer, 2 refuses. Never returns."""
    try:
        _arm(DEADLINE)  # a client that never ends its event must not hold us, either
        payload, head = _read()
        answer = (
            respond(payload, os.environ, head=head)
            if client in CLIENTS
            else Answer("", f"unknown client {client}\n", 2)
        )
    except BaseException as error:
        answer = Answer("", f"secretguard: internal error ({type(error).__name__}); refused\n", 2)
    try:
        _write(1, answer.stdout)
        _write(2, answer.stderr)
        if answer.look:
            _look(answer.look)
        if TASK in os.environ:
            from secretguard.guard.task import hand_over

            hand_over(os.environ, answer.left)
    except OSError:
        os._exit(2)
    os._exit(answer.status)  # no interpreter shutdown: 2 ms


def respond(
    payload: bytes | None, environment: Mapping[str, str], opened: type[Room] = Room, head: bytes = b""
) -> Answer:
    """The answer to one payload (None: too large to read; then `head` is how it began). Faults are answered, too.

    `opened`: what the decision has at hand; the resident process has one that is warm (`resident/warm.py`).
    """
    version = capability.version_of(environment.get("AI_AGENT", ""))
    event: Event | None = None
    try:
        _arm(DEADLINE)
        if payload is None:
            raise UnreadableEvent("the event is too large")
        event = claude_code.parse(payload)
        event.ids.update(_task(environment))
        room = opened(event, environment)
        settled = _settled(event, room, version)
        outcome = decide(event, room)
        if event.kind in SAID or (outcome.verdict.outcome != ALLOW and room.lifts) or room.would:
            from secretguard.guard import standing

            outcome = standing.settled(event, outcome, room)
        if room.accepted:
            outcome.fields["accepted"] = room.accepted
        _record(event, outcome, version)
        _tell(event, outcome, room, settled)
        answer = claude_code.answer(event, outcome)
        if outcome.event == "guard:read:exposed":
            answer.left = tuple(finding.value for finding in outcome.found)
        if event.kind in LOOKED:
            from secretguard.guard import turns

            answer.look = turns.look(event, room, outcome, _ids(event, version))
        _arm(0)
        return answer
    except UnreadableEvent as error:
        reason, name = str(error), "guard:event:unreadable"
    except GuardError as error:
        reason, name = str(error), _failed_event(event)
    except _TooLate:
        reason, name = f"no decision within {DEADLINE:.0f} s", _failed_event(event)
    except Exception as error:
        reason, name = f"internal error ({type(error).__name__})", _failed_event(event)
    _arm(0)
    event = event or claude_code.salvaged((payload or head)[:HEAD])
    return _fail(event, reason, name, version, _task(environment))


def _tell(event: Event, outcome: Outcome, room: Room, settled: Settled | None) -> None:
    """What the person hears, once it is on record: a line a secret, and files that could not be put right."""
    due = event.kind in TELLING and os.path.lexists(_due(event))
    if due or (outcome.found and not _heard(event, outcome, room)):
        from secretguard.guard import lines

        lines.told(event, outcome, room)
    if settled:
        from secretguard.guard import restore

        restore.tell(outcome, settled)


def _heard(event: Event, outcome: Outcome, room: Room) -> bool:
    """Whether the person was told of all these secrets before in this session: then they are counted."""
    from secretguard.guard import heard

    tags = {room.tags.digits(finding.value) for finding in outcome.found}
    return heard.again(event.ids.get("session_id", ""), tags, str(outcome.fields.get("outcome", "")))


def _due(event: Event) -> str:
    """The file that is there while the shell wrapper has something to tell; as `guard/given.py` has it."""
    name = sha256_hex(event.ids.get("session_id", "").encode("utf-8", "surrogatepass"))[:32]
    return os.path.join(state_dir(), "due", name)


def _settled(event: Event, room: Room, version: Version) -> Settled | None:
    """What came of the private copies of written files, where there are any; nearly always there are none."""
    try:
        if not os.listdir(snapshots_dir()):
            return None
    except OSError:
        return None
    from secretguard.guard import restore

    return restore.settle(event, room, _ids(event, version))


def _task(environment: Mapping[str, str]) -> dict[str, str]:
    """The field that names the task of the sandbox that this is; nothing outside of one."""
    if TASK not in environment:
        return {}
    from secretguard.guard.task import claimed

    return claimed(environment)


def _look(look: Look) -> None:
    """Start a look at the project's files; nothing waits for it, and one that cannot be started is recorded."""
    from secretguard.worktree.start import start

    if start(look):
        return
    reason = "the look at the files could not be started"
    try:
        user_journal().append("guard:files:unlisted", {**look.ids, "looks": [look.look], "reason": reason})
    except GuardError:
        return  # counted by the journal


def _fail(event: Event | None, reason: str, name: str, version: Version, task: dict[str, str]) -> Answer:
    """The failure answer, recorded where that is still possible; it protects even where it is not."""
    answer = claude_code.failure(event, reason, version)
    try:
        fields = _ids(event, version) if event else {"client": claude_code.CLIENT, **task}
        user_journal().append(name, {**fields, "reason": reason, "outcome": _what_left(event, answer)})
    except GuardError:
        pass  # counted by the journal itself, or there is no journal: refusing is all that is left
    return answer


def _failed_event(event: Event | None) -> str:
    if event is None:
        return "guard:event:unreadable"
    return {AFTER: "guard:read:withheld", FAILED: "guard:read:exposed"}.get(event.kind, "guard:event:unreadable")


def _what_left(event: Event | None, answer: Answer) -> str:
    if event is None or event.kind == FAILED or (event.kind == AFTER and answer.status):
        return "cannot tell"
    return "did not leave"


def _record(event: Event, outcome: Outcome, version: Version) -> None:
    """The record before the answer. Raises RecordError where the event's class demands the record."""
    if not outcome.event:
        return
    verdict = outcome.verdict
    fields = {**_ids(event, version), "rule": verdict.rule, **outcome.fields}
    if verdict.reason:
        fields["reason"] = verdict.reason
    try:
        user_journal().append(outcome.event, fields)
    except RecordError:
        if durability(outcome.event) != OBSERVE:
            raise


def _ids(event: Event, version: Version) -> dict[str, object]:
    fields: dict[str, object] = {"client": claude_code.CLIENT, **{k: v for k, v in event.ids.items() if v}}
    if version:
        fields["client_version"] = ".".join(map(str, version))
    if event.tool:
        fields["tool"] = event.tool[:200]
    return fields


def _arm(seconds: float) -> None:
    _signal.signal(_signal.SIGALRM, _too_late)
    _signal.setitimer(_signal.ITIMER_REAL, seconds)


def _too_late(signal: int, frame: object) -> None:  # noqa: ARG001 - the interpreter's form
    raise _TooLate


def _read() -> tuple[bytes | None, bytes]:
    """The event, or None and its first bytes where it is too large."""
    pieces, size = [], 0
    while piece := os.read(0, 1 << 20):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            return None, b"".join(pieces)[:HEAD]
    return b"".join(pieces), b""


def _write(descriptor: int, text: str) -> None:
    data = text.encode("utf-8", "backslashreplace")
    while data:
        data = data[os.write(descriptor, data) :]
