"""Values put back into the files that they came from, where a write left placeholders. Hot path, while a copy waits.

Every hook call looks whether copies wait, whoever made them: so the values come back right after the write, and after a
crash with the next call of any session. A copy goes only when its values are back or when the write it was made for did
not happen.
"""

from __future__ import annotations

import os
import time

from secretguard.agents.event import AFTER, END, FAILED, PROMPT, START, TURN, Event, Outcome
from secretguard.audit.journal import user_journal
from secretguard.errors import GuardError
from secretguard.guard import snapshots
from secretguard.guard.outcomes import DID_NOT_LEAVE
from secretguard.guard.results import TooLarge, contents
from secretguard.guard.snapshots import Snapshot
from secretguard.guard.values import narrow, put_back, stand_in, widened
from secretguard.places import snapshots_dir
from secretguard.whole_file import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.guard.room import Room

KEPT_FOR = 7 * 86400.0
"""Seconds after which a copy goes whose write was never heard of again and whose file has no placeholder of it."""
_CHANGED_FOR = 60.0
"""Seconds after which a copy goes whose file has other content by now: a client refuses to write over such a file."""
_TRIES = 3


class Moved(Exception):
    """The file changed while it was restored."""


class Settled:
    """What came of the copies at one event: sentences for the person, the number of values this event's write got."""

    __slots__ = ("own", "problems")

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.own = 0


def settle(event: Event, room: Room, ids: dict[str, object]) -> Settled:
    """Put back what waits, drop what is not needed. `ids` are the event's fields in records."""
    settled = Settled()
    try:
        with snapshots.Locked():
            for name in snapshots.waiting():
                _one(name, event, room, ids, settled)
    except GuardError as error:
        if event.kind in (AFTER, START, PROMPT):
            settled.problems.append(error.message)
    return settled


def settle_file(path: str, event: Event, room: Room) -> bool:
    """Put back what waits for the file at `path`; whether anything was. The lock is held.

    Raises GuardError, OSError and Moved where that could not be done.
    """
    back = 0
    for name in snapshots.waiting():
        snapshot = snapshots.read(name)
        if snapshot is not None and snapshot.path == path:
            back += _restored(snapshot, room, dict(event.ids))
    return back > 0


def tell(outcome: Outcome, settled: Settled) -> None:
    """Say in `outcome` what came of it: to the person what is not back, to the model that its write is whole."""
    lines = [f"secretguard: {problem}" for problem in settled.problems[:_TRIES]]
    outcome.notice = "\n".join(filter(None, (outcome.notice, *lines)))
    if settled.own:
        said = f"secretguard put the values of {settled.own} placeholder(s) back into the file that you wrote."
        outcome.advice = " ".join(filter(None, (outcome.advice, said)))


def _one(name: str, event: Event, room: Room, ids: dict[str, object], settled: Settled) -> None:
    snapshot = snapshots.read(name)
    if snapshot is None:
        _damaged(name)
        return
    own = (
        event.kind in (AFTER, FAILED) and _same(snapshot, event, "session_id") and _same(snapshot, event, "tool_use_id")
    )
    try:
        count = _restored(snapshot, room, ids)
    except (GuardError, OSError, Moved) as problem:
        settled.problems += _kept(snapshot, problem, room, ids, own or event.kind in (START, PROMPT))
        return
    if own:
        settled.own += count
    if not count and (own or _over(snapshot, event)):
        snapshots.drop(snapshot)


def _restored(snapshot: Snapshot, room: Room, ids: dict[str, object]) -> int:
    """How many values were put back; then the copy is gone. Raises GuardError, OSError and Moved: it is still there."""
    for attempt in range(_TRIES):
        try:
            return _restored_once(snapshot, room, ids)
        except Moved:
            if attempt == _TRIES - 1:
                raise
    return 0


def _restored_once(snapshot: Snapshot, room: Room, ids: dict[str, object]) -> int:
    path = snapshot.path
    info = _regular(path)
    try:
        data = contents(path) if info is not None else None
    except TooLarge:
        raise GuardError("the file has become too large") from None
    count = stand_in(narrow(data), snapshot.values) if data is not None else 0
    if data is None or info is None or not count:
        return 0
    if len(data) % 2 and narrow(data) is not data:
        raise GuardError("the file is no whole UTF-16")

    def ready(fd: int) -> None:
        if _stamp(os.lstat(path)) != _stamp(info):
            raise Moved
        fields = {"path": room.shown(path), "count": count, **_of(snapshot)}
        user_journal().append("guard:write:restored", {**ids, **fields})
        _like(fd, path, info)

    whole = widened(put_back(narrow(data), snapshot.values), data)
    replace(path, whole, mode=None, durable=True, fresh=snapshot.fresh, ready=ready)
    snapshots.sync_folder(os.path.dirname(path))
    snapshots.drop(snapshot)
    return count


def _regular(path: str) -> os.stat_result | None:
    """What is at `path`, where it is a regular file of this user at exactly that path; None where it is not there."""
    try:
        info = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if info.st_mode & 0o170000 != 0o100000 or os.path.realpath(path) != path:
        return None  # a link that was put there since: what it leads to is another file
    if info.st_uid != os.geteuid():
        raise GuardError("the file belongs to another user now")
    return info


def _stamp(info: os.stat_result) -> tuple[int, int, int, int]:
    return info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns


def _like(fd: int, path: str, info: os.stat_result) -> None:
    """Group, attributes and times of the file that is replaced: the client's check of its time holds."""
    try:
        os.fchown(fd, -1, info.st_gid)
        for name in os.listxattr(path, follow_symlinks=False) if hasattr(os, "listxattr") else ():
            os.setxattr(fd, name, os.getxattr(path, name, follow_symlinks=False))
    except OSError:
        pass  # a group or attribute that this user may not give: the content is what counts
    os.utime(fd, ns=(info.st_atime_ns, info.st_mtime_ns))


def _over(snapshot: Snapshot, event: Event) -> bool:
    """Whether the write of a copy, whose file has no placeholder of it, will not come any more."""
    age = time.time() - snapshot.at
    if age > KEPT_FOR or age < -KEPT_FOR:
        return True
    if _same(snapshot, event, "session_id") and (
        event.kind == END or (event.kind in (PROMPT, TURN) and not snapshot.ids.get("agent_id"))
    ):
        return True
    try:
        data = contents(snapshot.path)
    except TooLarge:
        data = b""
    return age > _CHANGED_FOR and data is not None and data != snapshot.data


def _same(snapshot: Snapshot, event: Event, name: str) -> bool:
    return bool(event.ids.get(name)) and snapshot.ids.get(name) == event.ids.get(name)


def _of(snapshot: Snapshot) -> dict[str, object]:
    """What every record of a copy says: whose write it was, and that no value went anywhere but into its own file."""
    return {"write_call": snapshot.ids.get("tool_use_id", ""), "outcome": DID_NOT_LEAVE}


def _kept(snapshot: Snapshot, problem: Exception, room: Room, ids: dict[str, object], said: bool) -> list[str]:
    """What the person is told of a file whose values are not back; recorded where it is told, not at each event."""
    if not said:
        return []
    why = problem.message if isinstance(problem, GuardError) else "it keeps changing"
    if isinstance(problem, OSError):
        why = os.strerror(problem.errno or 0)
    shown = room.shown(snapshot.path)
    fields = {"path": shown, "reason": why, **_of(snapshot)}
    try:
        user_journal().append("guard:write:unrestored", {**ids, **fields})
    except GuardError:
        why += "; nor could that be recorded"
    return [
        f"{shown} has a placeholder where its secret was: {why}. The value is kept in {snapshot.file} and is put back "
        "at the agent's next step, or when a session starts, once that is mended."
    ]


def _damaged(name: str) -> None:
    """Copies that a killed hook left unfinished: their write was never let go. The lock is held, so none is growing."""
    age = time.time() - int(name[:16], 16) / 1e9 if len(name) >= 16 and set(name[:16]) <= set("0123456789abcdef") else 0
    if name.endswith(".new") or age > KEPT_FOR:
        snapshots.discard(os.path.join(snapshots_dir(), name))
