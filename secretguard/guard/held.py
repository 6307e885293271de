"""What a session of the client had read before it could be stopped: its prompts are held back while that stands.

The client reads its memory files and, on a resume, the transcript at the start and keeps them: cleaning a file then
changes nothing of what the session would send. So the start (`begin`) remembers each of them that held a secret, in
one small file a session; a session without such a file was never looked at, and its next prompt does it. Hot path.
"""

from __future__ import annotations

import os
import time

from secretguard.agents.event import START, Event
from secretguard.audit.digest import labelled
from secretguard.errors import GuardError
from secretguard.guard import transcript
from secretguard.guard.memory import unmarked, with_secrets
from secretguard.guard.results import TooLarge, contents
from secretguard.keyed import first_key, sha256_hex
from secretguard.places import private_dir, state_dir
from secretguard.rawjson import JsonError, dumps, loads
from secretguard.whole_file import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.guard.room import Room

DAYS = 30
_MOST = 50
"""Files that are remembered of one session; one is enough to hold it."""
TRANSCRIPT = "transcript"
FILE = "file"


class Held:
    """One file that a session has in its memory with a secret: its kind, and size and digest of what was read."""

    __slots__ = ("digest", "kind", "path", "size")

    def __init__(self, kind: str, path: str, size: int, digest: str) -> None:
        self.kind = kind
        self.path = path
        self.size = size
        self.digest = digest

    def row(self) -> list[object]:
        """The form in which it is kept."""
        return [self.kind, self.path, self.size, self.digest]


def begin(event: Event, room: Room) -> list[Held]:
    """Look at what a session that begins has read, and remember it. Raises GuardError."""
    held = [_of(FILE, found.path, found.data) for found in with_secrets(room, event.path)][:_MOST]
    source = event.text if event.kind == START else ""
    if source == "compact":  # the same session: memory is read anew, the conversation is what it was
        held += [item for item in known(event) or [] if item.kind == TRANSCRIPT]
    elif event.path:
        held += _in_conversation(event.path, source, room)
    try:
        replace(_place(event), dumps([item.row() for item in held]).encode("ascii"))
        _forget_old()
    except OSError as error:
        raise GuardError(f"the session's state cannot be written: {error.strerror}") from None
    return held


def known(event: Event) -> list[Held] | None:
    """What was remembered of the event's session; None where it was never looked at, or what is there is damaged."""
    try:
        data = contents(_place(event))
        rows = loads(data) if data else None
    except (TooLarge, JsonError):
        return None
    if not isinstance(rows, list):
        return None
    found = []
    for row in rows:
        match row:
            case [str(kind), str(path), int(size), str(digest)]:
                found.append(Held(kind, path, size, digest))
            case _:
                return None
    return found


def standing(event: Event, room: Room) -> Held | None:
    """The first thing that still holds the event's session; None where its prompts may go. Raises GuardError.

    What a person accepted since holds nothing any more: the file is as it was read, and no secret is found in it.
    """
    held = known(event)
    if held is None:
        held = begin(event, room)
    return next((item for item in held if not _accepted(item, room)), None)


def _accepted(held: Held, room: Room) -> bool:
    try:
        data = transcript.read(held.path, held.size) if held.kind == TRANSCRIPT else contents(held.path)
    except (TooLarge, transcript.TooLong):
        return False
    if not data or _digest(data) != held.digest:
        return False
    text = transcript.text_of(data) if held.kind == TRANSCRIPT else data
    return not unmarked(held.path, text, room.scan(text, room.policy.secret_place(held.path), held.path))


def _in_conversation(path: str, source: str, room: Room) -> list[Held]:
    """The conversation so far, where one is taken up again and has a secret in it or is too long to tell.

    Of a fork nothing says from which conversation it comes, and its own record is not yet there: each one counts.
    """
    if os.path.exists(path):
        found = _in_transcript(path, os.stat(path).st_size, room)
        return [found] if found else []
    if source != "fork":
        return []
    left = transcript.LARGEST
    for other, size in _conversations(os.path.dirname(path)):
        left -= size
        found = Held(TRANSCRIPT, other, 0, "") if left < 0 else _in_transcript(other, size, room)
        if found:
            return [found]
    return []


def _conversations(folder: str) -> list[tuple[str, int]]:
    """The project's conversations on disk with their sizes, newest first."""
    try:
        with os.scandir(folder) as entries:
            files = [(entry.stat(), entry.path) for entry in entries if entry.name.endswith(".jsonl")]
    except OSError:
        return []
    return [(path, info.st_size) for info, path in sorted(files, key=lambda file: -file[0].st_mtime)]


def _in_transcript(path: str, size: int, room: Room) -> Held | None:
    try:
        data = transcript.read(path, size)
    except transcript.TooLong:
        return Held(TRANSCRIPT, path, 0, "")
    found = room.scan(transcript.text_of(data), path=path)
    return Held(TRANSCRIPT, path, size, _digest(data)) if found else None


def _of(kind: str, path: str, data: bytes) -> Held:
    return Held(kind, path, len(data), _digest(data))


def _digest(data: bytes) -> str:
    return labelled(first_key(), b"held", data)


def _directory() -> str:
    return os.path.join(state_dir(), "sessions")


def _place(event: Event) -> str:
    session = event.ids.get("session_id", "")
    private_dir(state_dir())
    return os.path.join(private_dir(_directory()), sha256_hex(session.encode("utf-8", "surrogatepass"))[:32])


def _forget_old() -> None:
    """What is older than any session that somebody would go on with goes; a resume looks anew."""
    oldest = time.time() - DAYS * 86_400
    with os.scandir(_directory()) as entries:
        old = [entry.path for entry in entries if entry.stat(follow_symlinks=False).st_mtime < oldest]
    for path in old:
        os.unlink(path)
