"""A project that used detect-secrets' hook changes the repository of its hook, and nothing else: real commits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.precommit.project import Project

KEY = "Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6"
OTHER = "Yq8Wn2Lk5Vt9Bz3Hx7Rm4Jd6Fs1"
ARGS = '["--baseline", ".secrets.baseline", "--exclude-files", "generated/.*"]'


@pytest.fixture(params=["pre-commit", "prek"])
def project(request: pytest.FixtureRequest, tmp_path: Path, part: Callable[[str], Path]) -> Project:
    """One old secret, accepted in a baseline that detect-secrets itself made."""
    runner: str = request.param
    made = Project(tmp_path, str(part("prek")) if runner == "prek" else runner)
    made.stage("app.py", f"password = '{KEY}'\n")
    baseline = made.run("detect-secrets", "scan", "-n").stdout
    assert len(json.loads(baseline)["results"]["app.py"]) == 2
    made.stage(".secrets.baseline", baseline)
    made.install(ARGS, "detect-secrets")
    return made


def test_what_was_known_passes(project: Project) -> None:
    """The commit of a secret that the baseline knows goes through, and the baseline stays as it is."""
    before = (project.root / ".secrets.baseline").read_bytes()
    done = project.commit()
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project.root / ".secrets.baseline").read_bytes() == before


def test_a_new_secret_is_stopped(project: Project) -> None:
    """A second secret stops the commit, in detect-secrets' own words; what the options leave out does not."""
    (project.root / "generated").mkdir()
    project.stage("generated/a.py", f"password = '{OTHER}'\n")
    assert project.commit().returncode == 0
    project.stage("app.py", f"password = '{KEY}'\napi_key = '{OTHER}'\n")
    done = project.commit()
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "exit code: 1" in said
    assert "ERROR: Potential secrets about to be committed to git repo!" in said
    assert "Location:    app.py:2" in said
    assert OTHER not in said


def test_moved_lines_rewrite_the_baseline_once(project: Project) -> None:
    """A secret that moved makes the hook bring the baseline up to date, with exit code 3; once staged, it passes."""
    assert project.commit().returncode == 0
    project.stage("app.py", f"# moved\npassword = '{KEY}'\n")
    done = project.commit()
    assert done.returncode != 0
    assert "exit code: 3" in done.stdout + done.stderr
    assert "Please `git add .secrets.baseline`" in done.stdout + done.stderr
    project.run("git", "add", ".secrets.baseline")
    done = project.commit()
    assert done.returncode == 0, done.stdout + done.stderr
    entries = json.loads((project.root / ".secrets.baseline").read_text())["results"]["app.py"]
    assert [entry["line_number"] for entry in entries] == [2, 2]
