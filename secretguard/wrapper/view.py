"""What is hidden in a command's output, and the record of it: of the client's commands, and of a person's. Hot path."""

from __future__ import annotations

import os

from secretguard.agents.event import AFTER, Event
from secretguard.guard.room import Room, found_fields, rules_of
from secretguard.wrapper.command import given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from secretguard.detect.finding import Finding
    from secretguard.placeholder import Placeholders

    Record = Callable[[list[Finding]], None]


class View:
    """`scan` finds what is hidden, `tags` stand in its place, `record` is called before they are shown."""

    __slots__ = ("record", "scan", "tags")

    def __init__(self, scan: Callable[[bytes], list[Finding]], tags: Placeholders, record: Record) -> None:
        self.scan = scan
        self.tags = tags
        self.record = record


def of_client(line: str, environment: Mapping[str, str]) -> View | None:
    """The view of a command line of Claude Code's, as its hook has it.

    None where observe mode or a pause lets secrets pass. Raises GuardError where the guard cannot work: the caller
    withholds.
    """
    from secretguard.guard import results

    command = given(line)
    event = Event(AFTER, os.getcwd(), {}, "Bash", {"command": command})
    room = Room(event, {**environment, "CLAUDE_PROJECT_DIR": _project(environment)})
    if room.lifts and _lifted(event, room):
        return None
    secret_place = results.in_secret_place(event, room)
    room.engine, room.tags  # noqa: B018 - opened now, so that what is unusable shows before there is output

    recorded: set[bytes] = set()

    def record(found: list[Finding]) -> None:
        new = [finding for finding in found if finding.value not in recorded]
        if new:
            _record(new, command, room, environment)
            recorded.update(finding.value for finding in new)

    return View(lambda data: room.scan(data, secret_place), room.tags, record)


def of_person(project: str) -> View:
    """The view of `secretguard run` and of `redact`: every finding, the known values of the folder `project` among
    them, with its tags."""
    from secretguard.known.standing import KnowingEngine
    from secretguard.pack import open_engine
    from secretguard.placeholder import of_user

    folder = os.path.realpath(project)
    return View(KnowingEngine(open_engine(), folder).scan, of_user(folder), lambda found: None)  # noqa: ARG005 - its form


def _record(found: list[Finding], command: str, room: Room, environment: Mapping[str, str]) -> None:
    """The record of secrets that are replaced from here on: one a command, unless others come to light later. The hook
    finds placeholders then, and records none. Raises RecordError."""
    from secretguard.agents.claude_code import CLIENT
    from secretguard.audit.digest import labelled
    from secretguard.audit.journal import user_journal
    from secretguard.guard import lines
    from secretguard.guard.task import claimed
    from secretguard.keyed import user_key

    session = environment.get("CLAUDE_CODE_SESSION_ID", "")
    fields: dict[str, object] = {"client": CLIENT, **claimed(environment), "tool": "Bash"}
    if session:
        fields["session_id"] = session[:200]
    if room.client_version:
        fields["client_version"] = ".".join(map(str, room.client_version))
    digest = labelled(user_key(), b"command", command.encode("utf-8", "surrogatepass"))  # as the hook before it
    fields.update(command=room.shown(command), command_digest=digest, via="shell prefix")
    fields.update(found_fields(found), rule=rules_of(found)[0], outcome="did not leave")
    user_journal().append("guard:read:redacted", fields)
    lines.wait(found, str(fields["command"]), room, session)  # a hook tells the person: this is no place to speak


def _project(environment: Mapping[str, str]) -> str:
    """The client's project: its own working folder, as it does not tell its commands; theirs where /proc is not."""
    given_to_hooks = environment.get("CLAUDE_PROJECT_DIR", "")
    if given_to_hooks.startswith("/"):
        return given_to_hooks
    client = environment.get("CLAUDE_PID", "")
    try:
        return os.readlink(f"/proc/{client if client.isdigit() else os.getppid()}/cwd")
    except OSError:
        return os.getcwd()


def _lifted(event: Event, room: Room) -> bool:
    """Whether secrets in results may pass for now, by the rules of the hook itself."""
    from secretguard.agents.event import Outcome
    from secretguard.guard.observed import applied
    from secretguard.verdict import ALLOW, REDACT, Verdict

    outcome = Outcome(Verdict(REDACT, "", "secret"), "guard:read:redacted", {})
    return applied(event, outcome, room).verdict.outcome == ALLOW
