"""`secretguard accept --repo`: the value goes into the repository's baseline file, too."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from secretguard import false_alarms
from secretguard.errors import ConfigError
from tests.secretguard.commands.test_accept import project, run, shown, tag
from tests.secretguard.guard.events import TOKEN, after

__all__ = ["project"]


def test_into_the_baseline_of_the_repository(project: Path) -> None:
    """The file in which it was seen is scanned again, since nobody kept the value; scans of everybody then pass."""
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    (project / "sub").mkdir()
    (project / "sub" / "a.py").write_text(f"first = 1\ntoken = '{TOKEN}'\n")
    assert not shown(project, name="sub/a.py")
    os.chdir(project / "sub")
    said = run(tag(), "--repo", "--by", "a", "--why", "made up").output
    assert f"accepted in {project}/.secrets.baseline: sub/a.py:2" in said
    results = json.loads((project / ".secrets.baseline").read_text())["results"]
    assert results["sub/a.py"][0]["why"] == "made up"
    assert shown(project, name="sub/a.py")


def test_into_the_baseline_is_refused_where_the_value_is_in_no_file(project: Path) -> None:
    """Nothing is accepted then, not even for the project: the person asked for both."""
    assert not shown(project)
    with pytest.raises(ConfigError, match="is in no git repository"):
        run(tag(), "--repo", "--by", "a")
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    with pytest.raises(ConfigError, match="this value is in no file"):
        run(tag(), "--repo", "--by", "a")
    assert false_alarms.entries() == []


def test_seen_in_no_one_file_it_is_looked_for_in_all(project: Path) -> None:
    """A command printed it: the repository is scanned for it; the configured baseline is the one that is written."""
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    subprocess.run(["git", "-C", str(project), "config", "secretguard.baseline", "known.json"], check=True)
    for name in ("b.py", "c.py"):
        (project / name).write_text(f"token = '{TOKEN}'\n")
    after(project, "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command="make print")
    assert "b.py:1, c.py:1" in run(tag(), "--repo", "--by", "a").output
    assert sorted(json.loads((project / "known.json").read_text())["results"]) == ["", "b.py", "c.py"]


def test_a_file_outside_of_the_repository_is_not_scanned(project: Path, tmp_path: Path) -> None:
    """A link that leaves it, a file elsewhere: what is not of the repository is not in its baseline."""
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    (tmp_path / "away.py").write_text(f"token = '{TOKEN}'\n")
    (project / "a.py").symlink_to(tmp_path / "away.py")
    assert not shown(project, name="a.py")
    with pytest.raises(ConfigError, match="this value is in no file"):
        run(tag(), "--repo", "--by", "a")
