"""One process at a time for a project, and no request lost."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.worktree import requests
from secretguard.worktree.requests import parse, serve
from secretguard.worktree.start import Look


def look(name: str = "1") -> Look:
    return Look("/p", "turn end", name, {"session_id": "s"})


def test_a_request_comes_back() -> None:
    """All that it says."""
    found = parse(Look("/p\udcff\n", "turn end", "7", {"session_id": "é"}).line().encode())
    assert found is not None
    assert (found.project, found.why, found.look, found.ids) == ("/p\udcff\n", "turn end", "7", {"session_id": "é"})


@given(st.binary(max_size=40) | st.sampled_from([b"{}", b"[]", b'{"project":"p","why":"","look":"","ids":{}}']))
def test_what_is_no_request_is_none(line: bytes) -> None:
    """Nor is a folder that is not absolute."""
    assert parse(line) is None


def test_what_is_asked_for_while_one_works_is_done_by_it(tmp_path: Path) -> None:
    """The second process goes at once; the first finds the request when it is done."""
    done: list[list[str]] = []

    def work(looks: list[Look]) -> None:
        done.append([one.look for one in looks])
        if len(done) == 1:
            serve(str(tmp_path), look("3"), work)  # as another process would: the lock is held, it returns
            serve(str(tmp_path), look("2"), work)

    serve(str(tmp_path), look("1"), work)
    assert done == [["1"], ["2", "3"]]


def test_a_held_lock_is_not_waited_for(tmp_path: Path) -> None:
    """The request stays for the holder."""
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        serve(str(tmp_path), look(), lambda looks: pytest.fail("not ours to do"))
    done: list[Look] = []
    serve(str(tmp_path), look("2"), done.extend)
    assert [one.look for one in done] == ["1", "2"]


def test_a_killed_holder_leaves_the_lock_free(tmp_path: Path) -> None:
    """The system lets go of it; the next request is served."""
    code = (
        "import os,sys;from secretguard.worktree.requests import serve;from secretguard.worktree.start import Look;"
        "serve(sys.argv[1],Look('/p','turn end','1',{}),lambda looks:os.kill(os.getpid(),9))"
    )
    root = Path(__file__).parents[3]
    assert (
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=root, check=False, timeout=60).returncode == -9
    )
    done: list[Look] = []
    serve(str(tmp_path), look("2"), done.extend)
    assert [one.look for one in done] == ["2"]


def test_a_failing_look_lets_go(tmp_path: Path) -> None:
    """The error comes out, and the lock is free."""

    def work(looks: list[Look]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        serve(str(tmp_path), look(), work)
    done: list[Look] = []
    serve(str(tmp_path), look("2"), done.extend)
    assert len(done) == 1


def test_requests_without_end_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no look ever comes to its end, the file stays small."""
    monkeypatch.setattr(requests, "LARGEST", 500)
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for number in range(50):
            serve(str(tmp_path), look(str(number)), lambda looks: None)
    assert os.stat(tmp_path / "requests").st_size < 700
