"""Values come back: after the write, after a crash anywhere in it, in a race, and only into their own file."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from secretguard.guard import restore, results, snapshots
from secretguard.places import snapshots_dir
from tests.secretguard.guard.events import TOKEN, ask, records
from tests.secretguard.guard.restoring import BODY, Broken, Place, Silent, arguments, killed


def test_a_write_is_given_back(place: Place) -> None:
    """On the disk, in its mode and with its time; recorded; the model is told, and no answer holds the value."""
    place.file.chmod(0o640)
    assert place.write() == ""
    place.written()
    place.file.chmod(0o640)
    os.utime(place.file, ns=(1, 1_600_000_000_123_456_789))
    answer = place.told()
    assert place.file.read_text() == place.expected
    assert place.clean
    info = place.file.stat()
    assert (info.st_mode & 0o777, info.st_mtime_ns) == (0o640, 1_600_000_000_123_456_789)
    assert TOKEN not in answer.stdout
    assert "put the values of 1 placeholder(s) back" in answer.stdout
    (record,) = records("guard:write:restored")
    assert (record["count"], record["write_call"], record["tool_use_id"]) == (1, "call", "call")
    assert record["path"] == str(place.file)


def test_killed_anywhere_before_the_write(place: Place) -> None:
    """The client does not write then (it was not let): the file is as it was, and nothing is left in the project."""
    step = 0
    while killed(step, place.write):
        place.next_session()
        assert place.file.read_text() == BODY, step
        assert [path.name for path in place.project.iterdir()] == ["app.env"], step
        step += 1
    assert step > 5
    place.at("UserPromptSubmit", prompt="go on")
    assert place.clean


def test_killed_anywhere_after_the_write(place: Place) -> None:
    """The next session's start puts the value back, whatever the killed hook had done; no copy stays for good."""
    step = 0
    while True:
        assert place.write() == ""
        place.written()
        if not killed(step, place.told):
            break
        assert place.file.read_text() in (place.content, place.expected), step
        place.next_session()
        assert place.file.read_text() == place.expected, step
        place.at("SessionEnd", reason="other")
        assert place.clean, step
        place.file.write_text(BODY)
        step += 1
    assert step > 12
    assert place.file.read_text() == place.expected


@pytest.mark.parametrize("call", ["open", "fsync", "replace", "fchmod", "utime"])
def test_a_disk_that_fails_loses_nothing(call: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The placeholder stays for now, the person is told where the value is, and the next event brings it back."""
    place.write()
    place.written()
    own = getattr(os, call)

    def full(*given: Any, **named: Any) -> Any:
        if call in ("open", "replace") and ".secretguard-" not in str(given[0]):
            return own(*given, **named)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as failing:
        failing.setattr(restore, "user_journal", Silent)
        failing.setattr(os, call, full)
        settled = restore.settle(*arguments(place))
    assert place.file.read_text() == place.content
    assert "No space left" in settled.problems[0]
    assert snapshots_dir() in settled.problems[0]
    assert TOKEN not in settled.problems[0]
    place.at("Stop")
    assert place.file.read_text() == place.expected
    assert place.clean


def test_no_record_no_value(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that cannot be written: nothing is put back, and nothing is lost."""
    place.write()
    place.written()
    with monkeypatch.context() as failing:
        failing.setattr(restore, "user_journal", Broken)
        settled = restore.settle(*arguments(place))
    assert place.file.read_text() == place.content
    assert "no record" in settled.problems[0]
    assert not [path for path in place.project.iterdir() if path.name != "app.env"]
    place.at("Stop")
    assert place.file.read_text() == place.expected


def test_a_write_that_did_not_happen_leaves_no_copy(place: Place) -> None:
    """The client's failure of that call, or the end of the turn that it was in, tells so; another call's does not."""
    place.write()
    place.at("PostToolUseFailure", tool_name="Bash", tool_input={"command": "x"}, error="no", tool_use_id="another")
    place.at("Stop", session_id="another")
    assert len(snapshots.waiting()) == 1
    given = {"file_path": str(place.file), "content": place.content}
    place.at("PostToolUseFailure", tool_name="Write", tool_input=given, error="no")
    assert place.clean
    place.write()
    place.at("Stop")
    assert place.clean
    assert place.file.read_text() == BODY


def test_a_subagents_write_outlives_the_turn(place: Place) -> None:
    """It may still be asked about when the main agent has ended its turn; with the session it is over."""
    place.write(agent_id="agent")
    place.at("Stop")
    assert len(snapshots.waiting()) == 1
    place.written()
    place.at("Stop")
    assert place.file.read_text() == place.expected
    place.file.write_text(BODY)
    place.write(agent_id="agent")
    place.at("SessionEnd", reason="other")
    assert place.clean


def test_a_copy_goes_in_the_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a killed session: after a week, or when the file has other content; never while a placeholder is in it."""
    place.write()
    place.next_session()
    assert len(snapshots.waiting()) == 1
    place.file.write_text("other\n")
    place.next_session()
    assert len(snapshots.waiting()) == 1
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)
    place.next_session()
    assert place.clean
    place.file.write_text(BODY)
    place.write()
    monkeypatch.setattr(time, "time", lambda: now + 8 * 86400)
    place.next_session()
    assert place.clean
    place.write()
    place.file.write_text(place.content)
    monkeypatch.setattr(time, "time", lambda: now + 99 * 86400)
    place.next_session()
    assert place.file.read_text() == place.expected


def test_unfinished_and_damaged_copies_go(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed hook left under another name at once; what cannot be read when it is old."""
    os.makedirs(snapshots_dir(), mode=0o700)
    for name in ("18eb000000000000aaaaaaaa.0011.new", f"{time.time_ns():016x}aaaaaaaa", "odd"):
        Path(snapshots_dir(), name).write_text("damaged")
    place.next_session()
    assert len(snapshots.waiting()) == 2
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 8 * 86400)
    place.next_session()
    assert snapshots.waiting() == ["odd"]


def test_bytes_beside_the_placeholder_stay(project: Path) -> None:
    """Whatever encoding and line ends the file has, and whatever somebody wrote into it meanwhile."""
    place = Place(project)
    for head, end in ((b"\xff\xfeN", b""), (b"\xef\xbb\xbf", b"\r\n"), (b"", b"no end"), (b"\xe9 latin\n", b"\0\xff")):
        wide = head.startswith(b"\xff\xfe")
        original, content = (
            (BODY.encode("utf-16-le"), place.view.encode("utf-16-le")) if wide else (BODY.encode(), place.view.encode())
        )
        head = head[:2] if wide else head
        place.file.write_bytes(head + original + end)
        assert place.write() == ""
        place.file.write_bytes(head + content + end)
        place.told()
        assert place.file.read_bytes() == head + original + end
        assert place.clean


def test_a_file_that_changes_meanwhile_is_not_written_over(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another program wrote between reading and replacing is kept, and its placeholder gets its value."""
    place.write()
    place.written()
    own = results.contents
    times: list[int] = []

    def changed(path: str) -> bytes | None:
        data = own(path)
        if not times:
            times.append(1)
            place.file.write_text(place.content + "MEANWHILE=1\n")
        return data

    monkeypatch.setattr(restore, "contents", changed)
    place.told()
    assert place.file.read_text() == place.expected + "MEANWHILE=1\n"
    assert place.clean


def test_a_file_that_never_rests_keeps_its_copy(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person is told; the next event brings the value back."""
    place.write()
    place.written()
    own = results.contents

    def changed(path: str) -> bytes | None:
        data = own(path)
        place.file.write_text(place.content + str(time.monotonic_ns()))
        return data

    with monkeypatch.context() as restless:
        restless.setattr(restore, "contents", changed)
        answer = place.told()
    assert "keeps changing" in json.loads(answer.stdout)["systemMessage"]
    (record,) = records("guard:write:unrestored")
    assert record["reason"] == "it keeps changing"
    place.at("Stop")
    assert TOKEN in place.file.read_text()
    assert place.clean


def test_a_link_or_folder_in_its_place_gets_nothing(place: Place, tmp_path: Path) -> None:
    """The value goes to the file that it came from and to no other that was put there."""
    place.write()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "app.env").write_text(place.content)
    place.file.unlink()
    place.file.symlink_to(elsewhere / "app.env")
    place.told()
    assert (elsewhere / "app.env").read_text() == place.content
    place.file.unlink()
    place.write()
    place.project.rename(tmp_path / "moved")
    place.project.symlink_to(elsewhere)
    place.next_session()
    assert (elsewhere / "app.env").read_text() == place.content


def test_two_writes_at_once_both_get_their_values(place: Place) -> None:
    """Two agents write the same file, in any order of asking, writing and telling: no placeholder stays."""
    for order in ("aAbB", "abAB", "abBA", "aAbB"):
        for step in order:
            if step.islower():
                assert place.write(tool_use_id=step, agent_id=step) == ""
                place.written()
            else:
                given = {"file_path": str(place.file), "content": place.content}
                response = {"filePath": str(place.file), "content": place.content}
                ask(
                    "PostToolUse",
                    place.project,
                    tool_name="Write",
                    tool_input=given,
                    tool_response=response,
                    tool_use_id=step.lower(),
                )
        assert place.file.read_text() == place.expected, order
        place.at("SessionEnd", reason="other")
        assert place.clean
        place.file.write_text(BODY)


def test_many_hooks_at_once(place: Place) -> None:
    """Each of several processes may be the one that puts the value back; together they do it once."""
    place.write()
    place.written()
    children = []
    for _ in range(6):
        child = os.fork()
        if not child:
            place.at("Stop", session_id="another")
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 6
    assert place.file.read_text() == place.expected
    assert len(records("guard:write:restored")) == 1
    assert place.clean


def test_another_users_file_is_left(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It became somebody else's: nothing is written into it, and the person is told."""
    place.write()
    place.written()
    event, room, ids = arguments(place)
    assert room.engine
    own = os.lstat

    def foreign(path: str) -> os.stat_result:
        info = own(path)
        return os.stat_result((*info[:4], os.geteuid() + 1, *info[5:]))

    with monkeypatch.context() as changed:
        changed.setattr(os, "lstat", foreign)
        settled = restore.settle(event, room, ids)
    assert place.file.read_text() == place.content
    assert "another user" in settled.problems[0]


def test_a_busy_lock_is_told_only_where_it_matters(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook that could not look at the copies says so after a write, and does its own work all the same."""
    place.write()
    place.written()
    monkeypatch.setattr(snapshots, "WAIT", 0.05)
    held = threading.Event()
    over = threading.Event()

    def hold() -> None:
        with snapshots.Locked():
            held.set()
            over.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(20)
    answer = place.told()
    over.set()
    thread.join()
    assert "busy" in json.loads(answer.stdout)["systemMessage"]
    place.at("Stop")
    assert place.file.read_text() == place.expected
