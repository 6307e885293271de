"""The repository of the bench: made by git itself, the same each time, with what real ones have."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from bench import history


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> history.Made:
    """A repository of 300 commits over made-up sources."""
    sources = tmp_path / "tree"
    sources.mkdir()
    for number in range(40):
        (sources / f"f{number}.py").write_text("".join(f"line {n} of {number}\n" for n in range(400)))
    monkeypatch.setattr(history, "tree", lambda: (sources, 1))
    monkeypatch.setattr(history, "cache", lambda: tmp_path)
    monkeypatch.setattr(history, "COMMITS", 300)
    return history.repository()


def asked(folder: Path, *words: str) -> list[str]:
    """The lines of git's answer."""
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_it_has_merges_moves_and_authors(small: history.Made) -> None:
    """All commits are reached, some merge, some move files, forty people wrote them, and git finds it sound."""
    assert small.commits >= 300
    assert int(asked(small.folder, "rev-list", "--merges", "--count", "--all")[0]) > 3
    assert len(set(asked(small.folder, "log", "--all", "--format=%an"))) == history.AUTHORS
    assert any(line.startswith("R") for line in asked(small.folder, "log", "--all", "-M", "--name-status", "--format="))
    assert asked(small.folder, "fsck", "--full", "--no-progress") == []


def test_it_is_made_once_and_the_same(small: history.Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A second call takes what is there; another machine with the same sources makes the same commits."""
    first = asked(small.folder, "rev-parse", "main")
    assert history.repository() == small
    monkeypatch.setattr(history, "cache", lambda: tmp_path / "other")
    (tmp_path / "other").mkdir()
    assert asked(history.repository().folder, "rev-parse", "main") == first


def test_a_file_grows_into_itself() -> None:
    """What a file becomes is made of its own lines, and no line is lost on the way."""
    lines = [b"%d\n" % number for number in range(200)]
    file = history.Grown("a.py", lines[:40], lines[40:])
    chance = random.Random(1)
    for _ in range(200):
        file.step(chance)
    assert sorted(file.lines + file.coming) == sorted(lines)
