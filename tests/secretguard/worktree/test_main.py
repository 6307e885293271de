"""The hook and the process that it starts, for real: the hook is done at once, the look comes by itself."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

from secretguard.audit import reader
from secretguard.audit.verify import UNANCHORED, verify
from secretguard.guard import main as entry
from secretguard.worktree import main as looking
from secretguard.worktree.start import TURN_END, Look
from tests.secretguard.worktree.repository import repository

SECONDS = 60.0
KILLS = 30


def hook(home: Path, project: Path, event: str, inherited: tuple[int, ...] = ()) -> subprocess.CompletedProcess[bytes]:
    """One event of the client through the real hook process."""
    ids = {"session_id": "s", "prompt_id": "p", "cwd": str(project), "hook_event_name": event, "prompt": "go"}
    return subprocess.run(
        [sys.executable, "-I", "-S", str(entry.__file__), "claude-code", sysconfig.get_path("platlib")],
        input=json.dumps(ids).encode(),
        env={
            "SECRETGUARD_HOME": str(home),
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "SOME_TOKEN": "of-the-person",
        },
        capture_output=True,
        timeout=SECONDS,
        check=False,
        pass_fds=inherited,
    )


def records(home: Path, event: str) -> list[dict[str, Any]]:
    audit = home / "state" / "audit"
    there = (audit / "journal.jsonl").is_file()
    return [record for record in reader.records(str(audit)) if record["event"] == event] if there else []


def wait(home: Path, look: str) -> dict[str, Any]:
    """The record of a look, once it is there."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for record in records(home, "guard:files:compared"):
            if look in record["looks"]:
                return record
        time.sleep(0.02)
    raise AssertionError("the look never came")


def lock_of(home: Path) -> Path:
    (lock,) = (home / "state" / "worktree").glob("*/lock")
    return lock


def first_look(home: Path, project: Path) -> None:
    """A session begins, and its first look is over."""
    assert hook(home, project, "SessionStart").returncode == 0
    end = time.monotonic() + SECONDS
    while not records(home, "guard:files:compared"):
        assert time.monotonic() < end
        time.sleep(0.02)
    over(home)


def over(home: Path) -> None:
    """Wait until the process that looks has let go."""
    with lock_of(home).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def test_a_turn(tmp_path: Path) -> None:
    """Begin, change, stop: the hook says nothing to the client, the journal has the change and verifies."""
    home, project = tmp_path / "home", repository(tmp_path / "p", a__txt="1")
    first_look(home, project)
    (project / "a.txt").write_text("one")
    done = hook(home, project, "Stop")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    (ended,) = records(home, "guard:turn:ended")
    assert wait(home, ended["look"])["changed"] == 1
    (change,) = records(home, "guard:file:changed")
    assert (change["how"], change["path"], change["session_id"]) == ("modified", str(project / "a.txt"), "s")
    assert len(change["digest_before"]) == len(change["digest_after"]) == 73
    assert verify(str(home / "state" / "audit")).words == UNANCHORED


def test_the_process_holds_nothing_of_the_client(tmp_path: Path) -> None:
    """A session of its own, no stream, no inherited descriptor, no variable that is not its business."""
    home, project = tmp_path / "home", repository(tmp_path / "p", a__txt="1")
    first_look(home, project)
    (project / "a.txt").unlink()
    os.mkfifo(project / "fifo")
    reading, writing = os.pipe()
    with lock_of(home).parent.joinpath("requests").open() as requests:
        fcntl.flock(requests, fcntl.LOCK_EX)  # the process waits here, where it can be looked at
        try:
            assert hook(home, project, "Stop", inherited=(writing,)).returncode == 0
            pid = _looking(home)
            assert os.getsid(pid) == pid
            held = {os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()}
            assert not any(name.startswith(("pipe:", "socket:")) for name in held)
            assert "SOME_TOKEN" not in Path(f"/proc/{pid}/environ").read_text()
            assert os.getpriority(os.PRIO_PROCESS, pid) >= 10
        finally:
            os.close(reading)
            os.close(writing)
    wait(home, records(home, "guard:turn:ended")[0]["look"])


def _looking(home: Path) -> int:
    """The process that looks on behalf of `home`, once it has let go of what it inherited."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for path in Path("/proc").glob("[0-9]*"):
            try:
                ours = b"worktree/main.py" in (path / "cmdline").read_bytes()
                ours = ours and str(home).encode() in (path / "environ").read_bytes()
                if ours and any(os.readlink(fd).endswith("/requests") for fd in (path / "fd").iterdir()):
                    return int(path.name)
            except OSError:
                continue
        time.sleep(0.01)
    raise AssertionError("no look was started")


def test_a_look_that_is_killed_is_said_and_made_up_for(tmp_path: Path) -> None:
    """kill -9 while it works: the next look has the change, and the gap is in the journal."""
    home, project = tmp_path / "home", tmp_path / "p"
    project.mkdir()
    (project / "a.txt").write_text("1")
    first_look(home, project)
    (project / "a.txt").write_text("one")
    audit_lock = home / "state" / "audit" / "journal.lock"
    assert hook(home, project, "Stop").returncode == 0
    ended = records(home, "guard:turn:ended")[0]["look"]
    wait(home, ended)
    over(home)
    (project / "a.txt").write_text("three")
    with lock_of(home).parent.joinpath("requests").open() as requests:
        fcntl.flock(requests, fcntl.LOCK_EX)
        assert hook(home, project, "Stop").returncode == 0
        pid = _looking(home)
        lock = audit_lock.open()
        fcntl.flock(lock, fcntl.LOCK_EX)  # it gets as far as its first record, and waits
    _marked(home)
    os.kill(pid, signal.SIGKILL)
    lock.close()
    assert hook(home, project, "Stop").returncode == 0
    wait(home, records(home, "guard:turn:ended")[2]["look"])
    assert any("cut off" in record["reason"] for record in records(home, "guard:files:unlisted"))
    assert [record["how"] for record in records(home, "guard:file:changed")] == ["modified", "modified"]


def _marked(home: Path) -> None:
    end = time.monotonic() + SECONDS
    while not list((home / "state" / "worktree").glob("*/*.began")):
        assert time.monotonic() < end
        time.sleep(0.005)


def test_killed_at_any_moment_nothing_is_lost(tmp_path: Path) -> None:
    """Looks that are killed after a while of their life, one after the other: at last every file's change was told."""
    home, project = tmp_path / "home", tmp_path / "p"
    project.mkdir()
    first_look(home, project)
    for number in range(KILLS):
        (project / str(number)).write_text("1")
        line = Look(str(project), TURN_END, f"{time.time_ns():016x}", {"session_id": "s"}).line()
        started = subprocess.Popen(
            [sys.executable, "-I", "-S", str(looking.__file__), line, sysconfig.get_path("platlib")],
            env={"SECRETGUARD_HOME": str(home), "HOME": str(home), "PATH": os.environ["PATH"]},
        )
        time.sleep(0.02 + 0.1 * number / KILLS)
        started.kill()
        started.wait(SECONDS)
    assert hook(home, project, "Stop").returncode == 0
    wait(home, records(home, "guard:turn:ended")[-1]["look"])
    changes = {record["path"].rpartition("/")[2] for record in records(home, "guard:file:changed")}
    assert changes == {str(number) for number in range(KILLS)}
    assert verify(str(home / "state" / "audit")).words == UNANCHORED


def test_many_turns_at_once_lose_none(tmp_path: Path) -> None:
    """Hooks that end at the same moment: every turn has a look, and one process at a time worked."""
    home, project = tmp_path / "home", tmp_path / "p"
    project.mkdir()
    first_look(home, project)
    for number in range(6):
        (project / str(number)).write_text("1")
        assert hook(home, project, "Stop").returncode == 0
    looks = [record["look"] for record in records(home, "guard:turn:ended")]
    assert len(looks) == 6
    for look in looks:
        wait(home, look)
    changes = {record["path"].rpartition("/")[2] for record in records(home, "guard:file:changed")}
    assert changes == {str(number) for number in range(6)}  # one that was seen half-written comes twice
