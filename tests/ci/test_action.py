"""The GitHub action: its shape, and its steps run for real but for GitHub's own upload."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ci.steps import PROGRAM, ROOT, load, run, unknown_options
from tests.secretguard.githooks.repositories import LEAK, TOKEN, Repository
from tests.secretguard.report.test_sarif_report import errors

ACTION = load("action.yml")
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SCAN = next(step for step in STEPS if step.get("id") == "scan")


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """A repository, and a runner's folders beside it."""
    (tmp_path / "runner" / "secretguard" / "bin").mkdir(parents=True)
    (tmp_path / "runner" / "secretguard" / "bin" / "secretguard").symlink_to(PROGRAM)
    here = Repository(tmp_path / "project")
    here.past("README", "hello\n")
    return here


def scanned(project: Repository, **inputs: str) -> tuple[int, str, Path]:
    """The scan step with these inputs: the status that it puts out, what it says, the report."""
    given = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
    variables = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: given[found[1]], value)
        for name, value in SCAN["env"].items()
    }
    output = project.folder.parent / "output"
    output.unlink(missing_ok=True)
    more = {"RUNNER_TEMP": str(project.folder.parent / "runner"), "GITHUB_OUTPUT": str(output)}
    done = run(SCAN["run"], project.folder, variables | more)
    if done.returncode:
        return done.returncode, done.stderr, project.folder / given["sarif"]
    [status] = re.findall(r"^status=([0-9])$", output.read_text(), re.MULTILINE)
    return int(status), done.stdout + done.stderr, project.folder / given["sarif"]


def test_findings_are_reported_as_sarif(project: Repository, part: Callable[[str], Path]) -> None:
    """Status 1, a report that Microsoft's validator takes, the finding in the log, and no value anywhere."""
    project.put("app.py", LEAK)
    status, said, report = scanned(project)
    assert status == 1
    assert "app.py:1:10" in said
    assert TOKEN not in said + report.read_text()
    [result] = json.loads(report.read_text())["runs"][0]["results"]
    assert result["ruleId"] == "github-token"
    log = report.parent / "copy.sarif"
    log.write_text(report.read_text())
    assert errors(part("sarif"), log) == []


def test_a_clean_project(project: Repository) -> None:
    """Status 0 and an empty report."""
    status, _, report = scanned(project)
    assert status == 0
    assert json.loads(report.read_text())["runs"][0]["results"] == []


def test_the_commits_of_a_pull_request(project: Repository) -> None:
    """A range counts what its commits added: neither what was there before nor what is only in files."""
    project.past("old", LEAK)
    base = project.head()
    project.past("clean", "a\n")
    project.put("unfinished", LEAK)
    assert scanned(project, history=f"{base}..{project.head()}")[0] == 0
    project.past("new", LEAK)
    project.past("new", "mended\n")
    status, said, _ = scanned(project, history=f"{base}..{project.head()}")
    assert status == 1
    assert "new:1:10" in said


def test_paths_baseline_strict(project: Repository) -> None:
    """Each input does what it says; paths may hold spaces, several stand on lines of their own."""
    project.put("a b/leak", LEAK)
    project.put("c/leak", LEAK)
    (project.folder / "c" / "binary").write_bytes(bytes(range(256)) * 4)
    assert "2 findings" in scanned(project, paths="a b\nc\n")[1]
    assert "1 finding" in scanned(project, paths="a b")[1]
    assert project.secretguard("baseline", "create", ".secrets.baseline", ".").returncode == 0
    assert scanned(project, baseline=".secrets.baseline")[0] == 0
    assert scanned(project, baseline=".secrets.baseline", strict="true")[0] == 2


@pytest.mark.parametrize(
    "evil", ["$(touch gone)", "`touch gone`", "a; touch gone", "--output=gone", "'\"; touch gone; '", "END"]
)
def test_an_input_is_never_shell_or_option(project: Repository, evil: str) -> None:
    """Whoever names a branch or a folder does not run a command with it."""
    assert scanned(project, paths=evil, history="")[0] in (0, 2)
    assert scanned(project, history=evil, paths=".")[0] == 2
    assert not (project.folder / "gone").exists()


def test_expressions_stay_out_of_scripts() -> None:
    """GitHub pastes `${{ }}` into a script as text: every script takes its inputs from variables."""
    for step in STEPS:
        assert "${{" not in step.get("run", "")
        assert ("run" in step) == ("shell" in step)


def test_every_reference_is_there() -> None:
    """Inputs, outputs and options that are named exist; other actions are GitHub's own, at a version."""
    text = (ROOT / "action.yml").read_text()
    assert set(re.findall(r"inputs\.(\w+)", text)) == set(ACTION["inputs"])
    assert unknown_options(SCAN["run"]) == set()
    uses = [step["uses"] for step in STEPS if "uses" in step]
    assert uses == ["github/codeql-action/upload-sarif@v4"]
    assert "curl" not in text


def test_the_verdict_is_the_scans() -> None:
    """The last step ends with the scan's status, so that the check fails on findings."""
    for status in ("0", "1", "2"):
        assert run(STEPS[-1]["run"], ROOT, {"STATUS": status}).returncode == int(status)


def test_the_install_step_names_what_is_there() -> None:
    """It runs the script of the action's own checkout, which takes everything from the lock."""
    script = STEPS[0]["run"]
    [path] = re.findall(r"\$GITHUB_ACTION_PATH/([\w/.]+)", script)
    assert (ROOT / path).is_file()
