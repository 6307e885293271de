"""One look at a project's files, step by step. Runs in a process of its own (`main.py`), never in a hook.

  1 remember  what the last look of this session saw                             snapshot.py
  2 list      which files there are now, and what the system says of each        listing.py, git.py
  3 compare   which moved; those are read and their contents compared            compare.py, reading.py
              (at a turn's start only what moved before it: the rest is the turn's own)
  4 explain   which of the session's calls wrote that, or ran then               recorded.py, authors.py
  5 record    an event a change, bounded; what was not seen is said              told.py, heads.py
  6 keep      what was seen, for the next look; then contents not yet known are read for it, as far as time allows

Record before keep: a look that is killed between the two tells some changes twice, and none is lost. A look that does
not come to its end leaves a mark, and the next one says so.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from functools import partial

from secretguard.agents.event import TURN, Event
from secretguard.audit.journal import user_journal
from secretguard.audit.record import stamp
from secretguard.errors import GuardError, SecretguardError
from secretguard.guard.room import Room
from secretguard.keyed import sha256_hex, user_key
from secretguard.known.build import SECONDS_ALONE, build
from secretguard.places import private_dir, state_dir
from secretguard.terminal import name_as_text
from secretguard.worktree import heads, recorded, requests, told
from secretguard.worktree.authors import UNSEEN, UNSEEN_BETWEEN, calls
from secretguard.worktree.compare import SLACK, Compared, compare, known, until
from secretguard.worktree.git import Git
from secretguard.worktree.listing import Listing, listing
from secretguard.worktree.reading import Contents
from secretguard.worktree.snapshot import Row, Snapshot, load, save
from secretguard.worktree.start import TURN_START, Look

DEADLINE = 60.0
"""Seconds for one look; then it says that it was not in time."""
LISTING_SECONDS, HEAD_SECONDS, FILLING_SECONDS = 30.0, 10.0, 20.0
ONGOING = 500
"""Records before a look that are read again at the next one: of commands that had begun and not ended."""
KEPT_DAYS = 14
"""Days for which a session's snapshot is kept after its last look."""
CUT_OFF = "an earlier look was cut off; this one compares with the look before that"
DAMAGED = "what the last look saw cannot be read; changes since then are not known"


class _TooLate(BaseException):
    """The deadline passed."""


def main(line: str) -> None:
    """Take the look that `line` asks for (`Look.line`), unless another process takes it. Raises nothing expected."""
    look = requests.parse(line.encode())
    if look is None:
        return
    signal.signal(signal.SIGALRM, _too_late)
    with contextlib.suppress(SecretguardError, OSError):  # no state folder, no journal: there is nowhere to say so
        root = private_dir(os.path.join(private_dir(state_dir()), "worktree"))
        folder = private_dir(os.path.join(root, sha256_hex(os.fsencode(look.project))[:24]))
        requests.serve(folder, look, partial(take_all, folder))
        _forget(root)


def _too_late(number: int, frame: object) -> None:  # noqa: ARG001 - the interpreter's form
    raise _TooLate


def take_all(folder: str, looks: list[Look]) -> None:
    """Take what is asked for, one look a session; `folder` holds the project's snapshots. Raises GuardError where
    nothing can be recorded."""
    sessions: dict[str, list[Look]] = {}
    for look in looks:
        sessions.setdefault(look.ids.get("session_id", ""), []).append(look)
    for session, own in sessions.items():
        place = os.path.join(folder, sha256_hex(session.encode("utf-8", "replace"))[:24])
        try:
            signal.setitimer(signal.ITIMER_REAL, DEADLINE)
            Taking(place, own).take()
        except _TooLate:
            _failed(place, own, f"the look took more than {DEADLINE:.0f} s")
        except (OSError, MemoryError, RecursionError, ValueError, GuardError) as error:
            said = getattr(error, "strerror", "") or type(error).__name__
            _failed(place, own, f"the look failed: {said}")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    with contextlib.suppress(OSError, GuardError):  # values in files that came since are known from here on
        build(looks[0].project, SECONDS_ALONE)


class Taking:
    """One look of one session; `place` is where its snapshot is kept, `looks` what it answers, oldest first.

    Raises GuardError where the user's key cannot be used.
    """

    def __init__(self, place: str, looks: list[Look]) -> None:
        self._place = place
        self._look = _told_for(looks)
        self._project = self._look.project
        self._until = _asked_at(looks[-1]) if looks[-1].why == TURN_START else 0
        self._fields = _fields(looks)
        self._contents = Contents(self._project, user_key())
        self._shown = Room(Event(TURN, self._project, {}), {"CLAUDE_PROJECT_DIR": self._project}).shown

    def take(self) -> None:
        """Steps 1 to 6. Raises OSError, ValueError, GuardError."""
        begun, taken = time.monotonic(), time.time_ns()
        last, journal = self._remember(), recorded.position()  # first: what is recorded from now on is the next look's
        found = listing(self._project, begun + LISTING_SECONDS)
        if last is None:
            others = _others(self._place)
            compared = Compared((), {name: known(others.get(name), row) for name, row in found.files.items()})
        else:
            whole = not (found.gaps or last.gaps)
            compared = compare(last, found.files, self._contents.digest, self._contents.exists, whole)
            if self._until:
                compared = until(compared, last, self._until, self._contents.gone_at)
            self._tell(last, found, compared, taken)
        self._finish(found, last, len(compared.changes), time.monotonic() - begun)
        rows = {name: _aged(row, taken) for name, row in compared.files.items()}
        snapshot = Snapshot(min(self._until or taken, taken), journal, found.heads, found.gaps, rows)
        save(self._place, snapshot)
        os.unlink(_mark(self._place))
        if self._contents.fill(snapshot, begun + FILLING_SECONDS):
            save(self._place, snapshot)

    def _remember(self) -> Snapshot | None:
        """Step 1: the last snapshot, and whether the look after it was cut off; then leave the mark of this one."""
        mark = _mark(self._place)
        if os.path.lexists(mark):
            self._record([("guard:files:unlisted", {"reason": CUT_OFF})])
        last = None
        try:
            last = load(self._place)
        except ValueError:
            self._record([("guard:files:unlisted", {"reason": DAMAGED})])
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        return last

    def _tell(self, last: Snapshot, found: Listing, compared: Compared, now: int) -> None:
        """Steps 4 and 5: each change with the calls that may have made it, and where HEAD moved to."""
        session = self._look.ids.get("session_id", "")
        wrote = calls(recorded.since(last.journal - ONGOING, session), session, last.taken, now)
        full = partial(os.path.join, self._project)
        unseen = UNSEEN_BETWEEN if self._look.why == TURN_START else UNSEEN
        self._record(told.changes(compared.changes, found.ignored, wrote, unseen, full, self._shown))
        git = Git(self._project, time.monotonic() + HEAD_SECONDS)
        self._record(heads.moves(git, self._project, last.heads, found.heads, self._shown))

    def _finish(self, found: Listing, last: Snapshot | None, count: int, seconds: float) -> None:
        """Step 5, its end: gaps that are new, and that the look was taken; of a turn's start only with a change."""
        known = last.gaps if last else []
        self._record([("guard:files:unlisted", {"reason": why}) for why in found.gaps if why not in known])
        if last is not None and self._look.why == TURN_START and not count:
            return
        fields: dict[str, object] = {
            "path": self._shown(name_as_text(self._project)),
            "files": len(found.files),
            "changed": count,
            "ignored_folders": found.ignored_folders,
            "means": sorted(found.means),
            "complete": not found.gaps,
            "seconds": round(seconds, 3),
            "since": stamp(last.taken / 1e9) if last else "the first look of this session: nothing to compare with",
        }
        self._record([("guard:files:compared", fields)])

    def _record(self, events: Iterable[told.Told]) -> None:
        journal = user_journal()
        for event, fields in events:
            journal.append(event, {**self._fields, **fields})


def _others(place: str) -> dict[str, Row]:
    """The rows of the project's newest snapshot by another session: what it has read is not read again."""
    folder = os.path.dirname(place)
    try:
        names = [name for name in os.listdir(folder) if "." not in name and name not in ("lock", "requests")]
        newest = max((os.path.join(folder, name) for name in names), key=os.path.getmtime, default="")
        snapshot = load(newest) if newest else None
    except (OSError, ValueError):
        return {}
    return snapshot.files if snapshot else {}


def _told_for(looks: list[Look]) -> Look:
    """The look for which the changes are told: the first turn or session that ended, else the newest."""
    ended = [look for look in looks if look.why != TURN_START]
    return ended[0] if ended else looks[-1]


def _asked_at(look: Look) -> int:
    """When a look was asked for, in nanoseconds since 1970, by its name (`guard/turns.py`); 0 for another name."""
    try:
        return int(look.look, 16)
    except ValueError:
        return 0


def _fields(looks: list[Look]) -> dict[str, object]:
    """What each event says: the client's ids, the looks that this one answers, and why it was taken."""
    look = _told_for(looks)
    return {**look.ids, "looks": [look.look for look in looks], "seen_at": look.why}


def _failed(place: str, looks: list[Look], why: str) -> None:
    """Say that a look did not come to its end; the next one compares with the look before it."""
    user_journal().append("guard:files:unlisted", {**_fields(looks), "reason": why})
    with contextlib.suppress(OSError):
        os.unlink(_mark(place))


def _mark(place: str) -> str:
    return f"{place}.began"


def _aged(row: Row, taken: int) -> Row:
    """A file that changed in the same moment as the look may change once more without another time: 0 for the time
    makes the next look read it again, whatever it says."""
    return row if row.changed < taken - SLACK else row._replace(changed=0)


def _forget(root: str) -> None:
    """Delete what sessions left that nobody has gone on with for KEPT_DAYS."""
    oldest = time.time() - KEPT_DAYS * 86400
    for project in os.scandir(root):
        for entry in os.scandir(project.path) if project.is_dir(follow_symlinks=False) else ():
            if entry.name not in ("lock", "requests") and entry.stat(follow_symlinks=False).st_mtime < oldest:
                os.unlink(entry.path)
