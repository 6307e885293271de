"""The GitLab template: its shape, and its script run for real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ci.steps import load, run, unknown_options
from tests.secretguard.githooks.repositories import LEAK, TOKEN, Repository

JOB = load("ci/gitlab.yml")["secretguard"]
[SCRIPT] = JOB["script"]
REPORT = JOB["artifacts"]["reports"]["secret_detection"]


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    here = Repository(tmp_path / "project")
    here.past("README", "hello\n")
    return here


def job(project: Repository, **variables: str) -> tuple[int, str, list[dict[str, object]]]:
    """The script with the job's own variables and these: status, what it says, vulnerabilities."""
    done = run(SCRIPT, project.folder, {**JOB["variables"], **variables})
    report = json.loads((project.folder / REPORT).read_text())
    assert report["scan"]["type"] == "secret_detection"
    return done.returncode, done.stdout + done.stderr, report["vulnerabilities"]


def test_a_branch_is_judged_by_its_files(project: Repository) -> None:
    """Findings are in the report and fail the job; the value is in neither log nor report."""
    assert job(project)[0] == 0
    project.put("app.py", LEAK)
    status, said, [found] = job(project)
    assert status == 1
    assert found["location"]["file"] == "app.py"  # type: ignore[index]
    assert "app.py:1:10" in said
    assert TOKEN not in said + json.dumps(found)


def test_a_merge_request_is_judged_by_its_commits(project: Repository) -> None:
    """What was there before its base does not count; what a commit added and a later one took away does."""
    project.past("old", LEAK)
    base = project.head()
    project.past("new", "clean\n")
    range_ = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    assert job(project, CI_COMMIT_SHA=project.head(), **range_)[0] == 0
    project.past("new", LEAK)
    project.past("new", "clean\n")
    status, _, [found] = job(project, CI_COMMIT_SHA=project.head(), **range_)
    assert status == 1
    assert found["location"]["file"] == "new"  # type: ignore[index]


def test_baseline_and_strict(project: Repository) -> None:
    """The variables do what they say."""
    project.put("app.py", LEAK)
    (project.folder / "binary").write_bytes(bytes(range(256)) * 4)
    assert project.secretguard("baseline", "create", ".secrets.baseline", ".").returncode == 0
    assert job(project, SECRETGUARD_BASELINE=".secrets.baseline")[0] == 0
    assert job(project, SECRETGUARD_BASELINE=".secrets.baseline", SECRETGUARD_STRICT="true")[0] == 2


def test_its_shape() -> None:
    """The whole history is fetched, the report is kept when the job fails, and every option exists."""
    assert JOB["variables"]["GIT_DEPTH"] == "0"
    assert JOB["artifacts"]["when"] == "always"
    assert JOB["image"]["entrypoint"] == [""]
    assert f"--output {REPORT}" in SCRIPT
    assert unknown_options(SCRIPT) == set()
