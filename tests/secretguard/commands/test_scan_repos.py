"""`secretguard scan --repos` as its users meet it: real repositories, the real program."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.secretguard.fleet.repositories import command, lines, listed, scan, shards, some
from tests.secretguard.githooks.repositories import TOKEN, Repository


@pytest.fixture
def four(tmp_path: Path) -> tuple[Path, Path]:
    """A list of four repositories, and where the shards go."""
    return listed(tmp_path / "list", [*some(tmp_path, 4)]), tmp_path / "out"


def test_a_shard_a_repository(four: tuple[Path, Path]) -> None:
    """Each says which repository and how, ends with a summary, holds paths of that repository and no secret."""
    names, out = four
    done = scan(names, out)
    assert done.returncode == 1, done.stderr
    assert "4 repositories: 4 scanned; 2 findings in 2 of them" in done.stdout
    assert len(shards(out)) == 4
    for data in shards(out).values():
        first, *_, last = lines(data)
        assert first["kind"] == "repository"
        assert len(first["head"]) == 40
        assert last["kind"] == "summary"
        assert TOKEN.encode() not in data
    found = [row for data in shards(out).values() for row in lines(data) if row["kind"] == "finding"]
    assert [row["path"] for row in found] == ["app.py", "app.py"]
    assert len({row["fingerprint"] for row in found}) == 1
    assert (out / "errors.jsonl").read_bytes() == b""
    assert out.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in out.iterdir())


def test_history(four: tuple[Path, Path]) -> None:
    """With --history what is only in the past counts, too."""
    names, out = four
    assert "3 findings in 3 of them" in scan(names, out, "--history").stdout
    assert "3 findings in 3 of them" in scan(names, out, "--history", "--blobs").stdout


def test_it_goes_on_where_it_stopped(four: tuple[Path, Path]) -> None:
    """Whole shards are left as they are; a lost, cut or otherwise made one is made again; --again makes all."""
    names, out = four
    scan(names, out)
    before = shards(out)
    lost, cut, other, kept = sorted(before)
    (out / lost).unlink()
    (out / cut).write_bytes(before[cut][: before[cut].rindex(b'{"kind": "summary"')])
    (out / other).write_bytes(before[other].replace(b'"history": false', b'"history": true'))
    stamp = (out / kept).stat().st_mtime_ns
    done = scan(names, out)
    assert "3 scanned, 1 done before" in done.stdout
    assert done.returncode == 1
    assert shards(out) == before
    assert (out / kept).stat().st_mtime_ns == stamp
    assert "4 scanned" in scan(names, out, "--again").stdout
    assert (out / kept).stat().st_mtime_ns != stamp
    assert shards(out) == before


def test_killed_at_some_moment(tmp_path: Path) -> None:
    """After SIGKILL no shard is half there, and the next run gives what an undisturbed one gives."""
    names = listed(tmp_path / "list", [*some(tmp_path, 6)])
    scan(names, tmp_path / "whole")
    for round_ in range(3):
        out = tmp_path / f"out{round_}"
        running = subprocess.Popen(command(names, out, "-j", "2"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        patience = time.monotonic() + 60
        while len(list(out.glob("*.jsonl"))) < 2 + round_ and running.poll() is None and time.monotonic() < patience:
            time.sleep(0.005)
        running.send_signal(signal.SIGKILL)
        running.wait(30)
        for data in shards(out).values():
            assert lines(data)[-1]["kind"] == "summary"
        (out / "fingerprint.key").write_bytes((tmp_path / "whole" / "fingerprint.key").read_bytes())
        assert scan(names, out, "--again").returncode == 1
        assert shards(out) == shards(tmp_path / "whole")
        assert not [path for path in out.iterdir() if path.name.endswith(".new")]


def test_interrupted_by_the_person(tmp_path: Path) -> None:
    """SIGINT ends it, and all that it started, at once."""
    names = listed(tmp_path / "list", [*some(tmp_path, 6)])
    running = subprocess.Popen(
        command(names, tmp_path / "out", "-j", "1"), stderr=subprocess.PIPE, start_new_session=True
    )
    patience = time.monotonic() + 60
    while not shards(tmp_path / "out") and time.monotonic() < patience:
        time.sleep(0.005)
    running.send_signal(signal.SIGINT)
    assert running.communicate(timeout=60)[1].strip() == b"interrupted"
    assert running.returncode == 130


def test_failures_are_listed_and_the_rest_is_done(tmp_path: Path) -> None:
    """A missing folder, a broken repository and one that takes too long are lines of errors.jsonl; exit code 2."""
    [good] = some(tmp_path, 1)
    broken = Repository(tmp_path / "broken")
    commit = broken.past("a", "a\n")
    (tmp_path / "broken" / ".git" / "objects" / commit[:2] / commit[2:]).unlink()
    names = listed(tmp_path / "list", [tmp_path / "none", broken.folder, good])
    done = scan(names, tmp_path / "out", "--history")
    assert done.returncode == 2
    assert "1 scanned, 2 failed" in done.stdout
    errors = {row["repository"]: row["error"] for row in lines((tmp_path / "out" / "errors.jsonl").read_bytes())}
    assert set(errors) == {str(tmp_path / "none"), str(broken.folder)}
    assert errors[str(tmp_path / "none")] == "No such file or directory"
    listed(tmp_path / "list", [good])
    assert scan(names, tmp_path / "out", "--history").returncode == 0
    assert (tmp_path / "out" / "errors.jsonl").read_bytes() == b""


def test_clones(tmp_path: Path) -> None:
    """URLs are fetched only with --clone: a tip for its files, everything for its history; nothing of them stays."""
    _, _, here = some(tmp_path, 3)
    (here / ".gitattributes").write_text("* filter=evil\n")
    names = listed(tmp_path / "list", [f"file://{here}"])
    refused = scan(names, tmp_path / "out")
    assert refused.returncode == 2
    assert "--clone" in refused.stderr
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    done = subprocess.run(
        command(names, tmp_path / "out", "--clone"),
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    assert done.returncode == 0, done.stdout
    assert list(scratch.iterdir()) == []
    assert "1 findings in 1" in scan(names, tmp_path / "past", "--clone", "--history").stdout
    [data] = shards(tmp_path / "past").values()
    assert [row["path"] for row in lines(data)[1:-1]] == ["gone.py"]


def test_a_baseline_of_each_repository(four: tuple[Path, Path]) -> None:
    """--baseline names a file inside each repository; where there is none nothing is accepted."""
    names, out = four
    one = Repository(names.parent / "r1")
    assert one.secretguard("baseline", "create", "accepted", "app.py").returncode == 0
    done = scan(names, out, "--baseline", "accepted")
    assert "1 findings in 1 of them, 1 accepted" in done.stdout
    served = names.parent / "served.git"
    one.git("add", "accepted")
    one.git("commit", "-q", "-m", "accepted")
    one.git("clone", "-q", "--bare", ".", str(served))
    done = scan(listed(names.parent / "bare", [served]), out, "--baseline", "accepted")
    assert "0 findings in 0 of them, 1 accepted" in done.stdout


def test_what_is_not_scanned(tmp_path: Path) -> None:
    """With --strict it is exit code 2."""
    here = Repository(tmp_path / "r")
    (here.folder / "binary").write_bytes(bytes(range(256)) * 4)
    names = listed(tmp_path / "list", [here.folder])
    done = scan(names, tmp_path / "out")
    assert (done.returncode, "1 items not scanned" in done.stdout) == (0, True)
    assert scan(names, tmp_path / "out", "--strict").returncode == 2


@pytest.mark.parametrize(
    "more",
    [["."], ["--staged"], ["--stdin"], ["--show-secrets"], ["--format", "sarif"], ["--plugins", "detect-secrets"],
     ["--since", "x"], ["--baseline", "/x"], ["--baseline", "../x"], ["--history", "main"], ["--environment", "1"]],
)  # fmt: skip
def test_options_that_do_not_fit(four: tuple[Path, Path], more: list[str]) -> None:
    """They are a usage error before anything is scanned."""
    names, out = four
    assert scan(names, out, *more).returncode == 2
    assert not out.exists()


def test_options_without_a_list(tmp_path: Path) -> None:
    """--clone and its like mean nothing without --repos; --repos wants a folder."""
    for arguments in (["--clone"], ["--again"], ["--scheduler", "x"], ["--repos", "list"]):
        line = command(tmp_path, tmp_path)[:5]
        done = subprocess.run([*line, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 2, arguments
