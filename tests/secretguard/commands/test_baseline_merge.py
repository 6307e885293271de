"""`secretguard baseline merge`: what git left in conflict, and as git's own merge driver."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from secretguard.baseline_file import save
from tests.secretguard.commands.test_scan import run
from tests.secretguard.test_baseline_file import BASE, MERGES, branched, document, git, places_in


@pytest.mark.parametrize("name", MERGES)
def test_conflict(name: str, tmp_path: Path) -> None:
    """It takes both sides of what git could not merge, and leaves a file in order as it is."""
    ours, theirs, _ = MERGES[name]
    file = branched(tmp_path, BASE, BASE | ours, BASE | theirs, "")
    git(tmp_path, "merge", "-q", "other")
    done = run("baseline", "merge", "base", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert places_in(file.read_text()) == BASE | ours | theirs
    before = file.read_bytes()
    assert run("baseline", "merge", "base", cwd=tmp_path).returncode == 0
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", MERGES)
def test_merge_driver(name: str, tmp_path: Path) -> None:
    """git calls it with three versions; also where both branches made the file."""
    ours, theirs, _ = MERGES[name]
    file = branched(tmp_path, BASE, BASE | ours, BASE | theirs, "base merge=secretguard\n")
    root = Path(__file__).resolve().parents[3]
    driver = f"env PYTHONPATH={root} {sys.executable} -m secretguard baseline merge %O %A %B"
    git(tmp_path, "config", "merge.secretguard.driver", driver)
    done = git(tmp_path, "merge", "-q", "other")
    assert done.returncode == 0, done.stderr
    assert places_in(file.read_text()) == BASE | ours | theirs


def test_no_common_version(tmp_path: Path) -> None:
    """git hands over an empty file as the common version where there is none: both sides are taken."""
    ours, theirs = {("a.py", "1" * 40)}, {("a.py", "2" * 40)}
    save(str(tmp_path / "ours"), document(ours))
    save(str(tmp_path / "theirs"), document(theirs))
    (tmp_path / "empty").touch()
    done = run("baseline", "merge", "empty", "ours", "theirs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert places_in((tmp_path / "ours").read_text()) == ours | theirs


def test_broken_version(tmp_path: Path) -> None:
    """A version that is no baseline is an error with its place, and nothing is written."""
    branched(tmp_path, BASE, BASE, BASE, "")
    before = (tmp_path / "base").read_bytes()
    (tmp_path / "bad").write_text("{\n x")
    done = run("baseline", "merge", "bad", "base", "base", cwd=tmp_path)
    assert (done.returncode, b"bad:2" in done.stderr) == (2, True)
    assert run("baseline", "merge", "base", "base", cwd=tmp_path).returncode == 2
    assert (tmp_path / "base").read_bytes() == before
