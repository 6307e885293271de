"""Which tags the guard gave: remembered for a session, bounded, without a value."""

from __future__ import annotations

import fcntl
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given as some
from hypothesis import strategies as st

from secretguard.guard import given, heard
from secretguard.guard.outcomes import CANNOT_TELL, DID_NOT_LEAVE, LEFT


def row(tag: str, outcome: str = DID_NOT_LEAVE, session: str = "s") -> dict[str, str]:
    """A row as `lines.rows_of` makes it."""
    fixed = dict.fromkeys(given.FIELDS, "x")
    return {**fixed, "tag": tag, "outcome": outcome, "session": session}


def test_a_secret_is_new_once_a_session() -> None:
    """Later ones are counted until the next new one; another session hears of it again."""
    first, second = row("a" * 10), row("b" * 10)
    assert given.remember("s", [first]) == ([first], 0)
    assert given.remember("s", [first]) == ([], 0)
    assert given.remember("s", [first]) == ([], 0)
    assert given.remember("s", [first, second]) == ([second], 2)
    assert given.remember("s", [row("c" * 10)])[1] == 1
    elsewhere = row("a" * 10, session="other")
    assert given.remember("other", [elsewhere]) == ([elsewhere], 0)
    (newest, *_) = [session for session in given.sessions() if session.id == "s"]
    assert newest.counts == {"a" * 10: 4, "b" * 10: 1, "c" * 10: 1}


def test_a_worse_outcome_is_told_again() -> None:
    """A secret that was kept back and goes to the provider later is news; the other way round it is not."""
    tag = "a" * 10
    assert given.remember("s", [row(tag)])[0]
    assert given.remember("s", [row(tag, CANNOT_TELL)])[0]
    assert given.remember("s", [row(tag, LEFT)])[0]
    assert not given.remember("s", [row(tag, CANNOT_TELL)])[0]
    assert not given.remember("s", [row(tag)])[0]
    assert not given.remember("s", [row(tag, LEFT)])[0]


def test_what_cannot_be_remembered_is_said_again(own_home: Path) -> None:
    """A folder that cannot be made, a session file that is a link, one that another process holds."""
    (own_home / "state").mkdir(mode=0o700)
    (own_home / "state" / "given").touch()
    one = row("a" * 10)
    assert given.remember("s", [one]) == ([one], 0)
    (own_home / "state" / "given").unlink()
    given.remember("s", [one])
    (path,) = (own_home / "state" / "given").iterdir()
    path.unlink()
    path.symlink_to(own_home / "elsewhere")
    assert given.remember("s", [one]) == ([one], 0)
    assert not (own_home / "elsewhere").exists()
    assert list(given.sessions()) == []


def test_a_torn_line_loses_itself_alone(own_home: Path) -> None:
    """A writer that was killed, a disk that was full: what is written after it stands on a line of its own."""
    given.remember("s", [row("a" * 10)])
    (path,) = (own_home / "state" / "given").iterdir()
    with path.open("a") as file:
        file.write('{"tag":"bbbbb')
    given.remember("s", [row("c" * 10)])
    (session,) = given.sessions()
    assert [one["tag"] for one in session.rows] == ["a" * 10, "c" * 10]


def test_many_at_once_hear_of_it_once() -> None:
    """Parallel hooks of one session: exactly one of them tells."""
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda _: given.remember("s", [row("a" * 10)])[0], range(64)))
    assert sum(map(bool, told)) == 1
    (session,) = given.sessions()
    assert session.counts == {"a" * 10: 64}


def test_a_session_is_bounded(own_home: Path) -> None:
    """Beyond the limit secrets are still told, and the file does not grow."""
    large = {**row("a" * 10), "where": "w" * 4000}
    for number in range(100):
        given.remember("s", [{**large, "tag": f"{number:010x}"}])
    (path,) = (own_home / "state" / "given").iterdir()
    assert path.stat().st_size <= heard.LARGEST
    new = {**large, "tag": "e" * 10}
    assert given.remember("s", [new])[0] == [new]
    assert path.stat().st_size <= heard.LARGEST


def test_old_sessions_go(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a session begins, those too old or too many are deleted; one too old is not shown, either."""
    monkeypatch.setattr(given, "KEPT", 3)
    for number in range(5):
        given.remember(str(number), [row("a" * 10, session=str(number))])
        time.sleep(0.01)
    assert [session.id for session in given.sessions()] == ["4", "3", "2"]
    old = time.time() - (given.DAYS + 1) * 86_400
    for path in (own_home / "state" / "given").iterdir():
        os.utime(path, (old, old))
    assert list(given.sessions()) == []
    given.remember("new", [row("a" * 10, session="new")])
    assert len(list((own_home / "state" / "given").iterdir())) == 1


@some(st.binary(max_size=300))
def test_any_bytes_in_the_file_are_passed_over(data: bytes) -> None:
    """Rows are those that are whole; nothing of what else is there is believed, or ends in an exception."""
    session = given._session(0.0, data)
    assert all(set(given.FIELDS) <= set(one) for one in session.rows)
    assert set(session.counts) == {one["tag"] for one in session.rows}


def test_what_waits_is_told_once_and_can_be_accepted_before() -> None:
    """The shell wrapper's finds: remembered at once, told by the next hook, counted like others."""
    one, two = row("a" * 10), row("b" * 10)
    given.wait("s", [one])
    (session,) = given.sessions()
    assert [found["tag"] for found in session.rows] == ["a" * 10]
    assert Path(given.due_path("s")).exists()
    given.wait("s", [one, two])
    assert given.due("s") == [one, two]
    assert given.due("s") == []
    assert not Path(given.due_path("s")).exists()
    given.wait("s", [one])
    assert not Path(given.due_path("s")).exists()
    assert given.remember("s", [one]) == ([], 0)
    assert next(given.sessions()).counts == {"a" * 10: 4, "b" * 10: 1}


def test_what_was_told_does_not_wait() -> None:
    """A hook was first: the wrapper's find is no news."""
    given.remember("s", [row("a" * 10)])
    given.wait("s", [row("a" * 10)])
    assert given.due("s") == []


def test_one_that_is_stopped_holds_nobody_up(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook that was stopped while it held the file: the line is said again, after a short wait."""
    monkeypatch.setattr(heard, "LOCK_SECONDS", 0.05)
    given.remember("s", [row("a" * 10)])
    (path,) = (own_home / "state" / "given").iterdir()
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert given.remember("s", [row("a" * 10)]) == ([row("a" * 10)], 0)
        assert given.due("s") == []
    assert given.remember("s", [row("a" * 10)]) == ([], 0)
