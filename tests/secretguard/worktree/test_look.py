"""Looks one after the other: what the journal says of a project's files, and what happens when one goes wrong."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secretguard.audit import reader
from secretguard.audit.journal import Journal, user_journal
from secretguard.errors import RecordError
from secretguard.places import private_dir
from secretguard.worktree import look as module
from secretguard.worktree.authors import UNSEEN_BETWEEN
from secretguard.worktree.look import CUT_OFF, DAMAGED, main, take_all
from secretguard.worktree.start import SESSION_END, TURN_END, TURN_START, Look
from tests.secretguard.worktree.repository import git, repository

TOKEN = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    """The process that looks sets its own handler; here the test's is put back."""
    before = signal.signal(signal.SIGALRM, module._too_late)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


class Project:
    """A project whose looks are taken in this process."""

    def __init__(self, folder: Path, state: Path) -> None:
        self.folder = folder
        self.state = state
        self.number = 0

    def look(self, why: str = TURN_END, session: str = "s", at: int = 0) -> list[dict[str, Any]]:
        """Take a look that was asked for `at` that time; what it recorded."""
        known = self.records()
        self.number += 1
        name = f"{at or time.time_ns() + 10**9:016x}"  # a second from now: what is done meanwhile is before it
        take_all(str(self.state), [Look(str(self.folder), why, name, {"session_id": session})])
        return self.records()[len(known) :]

    def records(self) -> list[dict[str, Any]]:
        """The whole journal but its first record."""
        audit = Path(os.environ["SECRETGUARD_HOME"], "state", "audit")
        return list(reader.records(str(audit)))[1:] if audit.exists() else []


@pytest.fixture
def project(tmp_path: Path, own_home: Path) -> Project:
    """A repository with two files, looked at once."""
    state = Path(private_dir(str(own_home / "state" / "worktree" / "p")))
    made = Project(repository(tmp_path / "p", a__txt="1", b__txt="2"), state)
    made.look(TURN_START)
    return made


def told(records: list[dict[str, Any]]) -> list[tuple[str, str]]:
    changes = [record for record in records if record["event"] == "guard:file:changed"]
    return [(change["how"], change["path"].rpartition("/")[2]) for change in changes]


def reasons(records: list[dict[str, Any]]) -> list[str]:
    return [record["reason"] for record in records if record["event"] == "guard:files:unlisted"]


def test_the_first_look_has_nothing_to_compare(project: Project) -> None:
    """It says so, and lists no file as new."""
    (record,) = project.records()
    assert record["event"] == "guard:files:compared"
    assert (record["changed"], record["files"], record["seen_at"]) == (0, 4, TURN_START)
    assert record["since"].startswith("the first look")


def test_changes_by_whomever_with_digests(project: Project) -> None:
    """Modified, deleted and created, digests before and after, and that the look was taken."""
    (project.folder / "a.txt").write_text("one")
    (project.folder / "b.txt").unlink()
    (project.folder / "c.txt").write_text("1")
    found = project.look()
    assert told(found) == [("modified", "a.txt"), ("deleted", "b.txt"), ("created", "c.txt")]
    changed, _, created = (record for record in found if record["event"] == "guard:file:changed")
    assert changed["digest_before"] == created["digest_after"]  # what `a.txt` was is what `c.txt` is
    assert (changed["bytes_before"], changed["bytes_after"], created["digest_before"]) == (1, 3, "none")
    assert changed["by"] == "a command of this turn, or somebody else"
    assert found[-1]["event"] == "guard:files:compared"
    assert (found[-1]["changed"], len(found[-1]["looks"]), found[-1]["complete"]) == (3, 1, True)
    assert told(project.look()) == []


def test_quiet_looks(project: Project) -> None:
    """The end of a turn or session is always told; its start only where something changed in between."""
    assert project.look(TURN_START) == []
    assert [record["event"] for record in project.look(SESSION_END)] == ["guard:files:compared"]
    (project.folder / "a.txt").write_text("between turns")
    found = project.look(TURN_START)
    assert told(found) == [("modified", "a.txt")]
    assert (found[0]["seen_at"], found[0]["by"]) == (TURN_START, UNSEEN_BETWEEN)


def test_a_look_at_a_turns_start_that_comes_late(project: Project) -> None:
    """What the turn has done by then is told at its end, not as something that came before it."""
    (project.folder / "a.txt").write_text("between turns")
    time.sleep(0.03)  # the kernel's own clock for files
    asked = time.time_ns()
    time.sleep(0.03)
    (project.folder / "b.txt").unlink()
    (project.folder / "c.txt").write_text("1")
    assert told(project.look(TURN_START, at=asked)) == [("modified", "a.txt")]
    assert told(project.look(TURN_END)) == [("deleted", "b.txt"), ("created", "c.txt")]


def test_a_change_in_the_same_moment_as_a_look(project: Project) -> None:
    """Same size, same times as far as the system notes them: read again, so nothing is missed."""
    path = project.folder / "a.txt"
    path.write_text("2")
    info = path.stat()
    project.look()
    path.write_text("3")
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert told(project.look()) == [("modified", "a.txt")]
    assert told(project.look()) == []


def test_each_session_compares_with_its_own_looks(project: Project) -> None:
    """What one session was told is not lost to another that runs beside it."""
    project.look(TURN_START, "other")
    (project.folder / "a.txt").write_text("one")
    assert told(project.look(session="s")) == [("modified", "a.txt")]
    assert told(project.look(session="other")) == [("modified", "a.txt")]


def test_a_new_session_reads_nothing_twice(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Digests that another session's look has taken hold for files that did not move since."""
    read: list[str] = []
    real = module.Contents.digest

    def digest(self: Any, name: str, row: Any) -> str:
        read.append(name)
        return real(self, name, row)

    time.sleep(0.03)
    project.look()  # what was too young at the first look
    monkeypatch.setattr(module.Contents, "digest", digest)
    project.look(TURN_START, "new")
    assert read == []
    (project.folder / "a.txt").write_text("one")
    (change,) = [r for r in project.look(session="new") if r["event"] == "guard:file:changed"]
    assert ":" in change["digest_before"]


def test_what_a_tool_wrote_names_the_call(project: Project) -> None:
    """The journal's record of a Write, joined by content."""
    (project.folder / "a.txt").write_text("one")
    digest = next(r for r in project.look() if r["event"] == "guard:file:changed")["digest_after"]
    (project.folder / "a.txt").write_text("two")
    project.look()
    (project.folder / "a.txt").write_text("one")
    fields = {"session_id": "s", "tool": "Edit", "tool_use_id": "w1", "path": "a.txt", "digest_after": digest}
    user_journal().append("guard:read:allowed", fields)
    (change,) = [r for r in project.look() if r["event"] == "guard:file:changed"]
    assert change["by"] == ["w1"]


def test_commits_are_told(project: Project) -> None:
    """HEAD moved: which commits, and what they hold."""
    (project.folder / "c.txt").write_text("1")
    git(project.folder, "add", "-A")
    git(project.folder, "commit", "-qm", "more")
    found = project.look()
    (moved,) = [record for record in found if record["event"] == "guard:head:moved"]
    assert (moved["commits"], moved["files"]) == (1, ["c.txt"])
    assert told(found) == [("created", "c.txt")]


def test_no_name_carries_a_secret_into_the_record(project: Project) -> None:
    """A file that is called like a token, and a control character in a name."""
    (project.folder / f"{TOKEN}.txt").write_text("1")
    (project.folder / "odd\n\x1b[31m\udcff").write_text("1")
    found = project.look()
    assert len(told(found)) == 2
    journal = Path(os.environ["SECRETGUARD_HOME"], "state", "audit", "journal.jsonl").read_bytes()
    assert TOKEN.encode() not in journal
    assert b"[[secret:github-token:" in journal
    assert b"\\\\xff" in journal


def test_a_look_that_was_killed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its mark is found: the next look says so, and compares with the look before it, so that nothing is lost."""
    (project.folder / "a.txt").write_text("one")

    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as context:
        context.setattr(module, "listing", kill)
        with pytest.raises(Killed):
            project.look()
    found = project.look()
    assert reasons(found) == [CUT_OFF]
    assert told(found) == [("modified", "a.txt")]
    assert reasons(project.look()) == []


def test_a_look_that_takes_too_long(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends by itself and says so; the next one makes up for it and is not told that it was cut off."""
    (project.folder / "a.txt").write_text("one")
    with monkeypatch.context() as context:
        context.setattr(module, "DEADLINE", 0.05)
        context.setattr(module, "listing", lambda *_: time.sleep(30))
        assert reasons(project.look()) == ["the look took more than 0 s"]
    found = project.look()
    assert (told(found), reasons(found)) == ([("modified", "a.txt")], [])


def test_a_damaged_snapshot(project: Project) -> None:
    """Is said and replaced, and no file is taken for new."""
    (kept,) = [path for path in project.state.iterdir() if path.name not in ("lock", "requests")]
    kept.write_text("{")
    (project.folder / "a.txt").write_text("one")
    found = project.look()
    assert (told(found), reasons(found)) == ([], [DAMAGED])
    (project.folder / "a.txt").write_text("two")
    assert told(project.look()) == [("modified", "a.txt")]


def test_a_project_that_is_gone(project: Project) -> None:
    """The look fails and says why; when the project is back, so are the changes."""
    project.folder.rename(project.folder.with_name("elsewhere"))
    assert reasons(project.look()) == ["the look failed: No such file or directory"]
    project.folder.with_name("elsewhere").rename(project.folder)
    assert told(project.look()) == []


def test_a_repository_that_is_deleted(project: Project) -> None:
    """Without `.git` the folder is walked, and only what is gone is told."""
    git(project.folder, "gc", "-q")
    for path in sorted((project.folder / ".git").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (project.folder / ".git").rmdir()
    found = project.look()
    assert told(found) == [("deleted", "config"), ("deleted", "exclude")]
    assert found[-1]["means"] == ["walk"]


def test_a_gap_is_said_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project beyond the bounds says so when it begins to be, not at every turn; `complete` says it each time."""
    monkeypatch.setattr("secretguard.worktree.listing.MOST_FILES", 1)
    first, second = project.look(), project.look()
    assert (reasons(first), reasons(second)) == (["more than 1 files"], [])
    assert (first[-1]["complete"], second[-1]["complete"]) == (False, False)
    assert told(first) == []  # beyond the bound is not gone


def test_a_journal_that_cannot_be_written(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Record before keep: what could not be recorded is told by the next look."""
    (project.folder / "a.txt").write_text("one")

    def full(self: Journal, event: str, fields: dict[str, object]) -> None:
        raise RecordError("the disk is full")

    with monkeypatch.context() as context:
        context.setattr(Journal, "append", full)
        with pytest.raises(RecordError):
            project.look()
    assert told(project.look()) == [("modified", "a.txt")]


def test_looks_that_waited_are_one(project: Project) -> None:
    """The changes are told for the turn that ended, and each look that asked is named."""
    (project.folder / "a.txt").write_text("one")
    known = len(project.records())
    names = [f"{time.time_ns() + second * 10**9:016x}" for second in (1, 2, 3)]
    whys = (TURN_START, TURN_END, TURN_START)
    looks = [Look(str(project.folder), why, name, {"session_id": "s"}) for why, name in zip(whys, names, strict=True)]
    take_all(str(project.state), looks)
    change, compared = project.records()[known:]
    assert (change["event"], change["seen_at"], change["looks"]) == ("guard:file:changed", TURN_END, names)
    assert compared["looks"] == names


def test_old_snapshots_are_forgotten(project: Project, tmp_path: Path, own_home: Path) -> None:
    """What no session has gone on with for two weeks is deleted by whoever looks next, anywhere."""
    (kept,) = [path for path in project.state.iterdir() if path.name not in ("lock", "requests")]
    other = tmp_path / "other"
    other.mkdir()
    main(Look(str(other), TURN_END, "1", {}).line())
    assert kept.exists()
    os.utime(kept, (0, 0))
    main(Look(str(other), TURN_END, "2", {}).line())
    assert not kept.exists()


def test_a_request_that_is_none_is_nothing() -> None:
    """Nobody is there to be told."""
    main("nonsense")
