"""The wheel alone, outside the clone, with base requirements only: what a user installs does its work."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from tests.packaging import wheel as wheels

TOKEN = "sk_live_" + "51Hn2kQwXbT9vRp4MzLc7YdE"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return wheels.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory, lacking: Callable[[str, str], NoReturn]) -> Path:
    """The `bin` folder of an environment that holds nothing but the wheel and what it needs."""
    try:
        return wheels.install(wheel, tmp_path_factory.mktemp("alone") / "env")
    except subprocess.CalledProcessError as error:
        if "No matching distribution" in error.stderr or "Connection" in error.stderr:
            lacking("package registry", "pip could not fetch the base requirements")
        raise


@pytest.fixture
def run(programs: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program of that environment in an empty folder, with an environment and a home of its own."""
    project = tmp_path / "project"
    project.mkdir()

    def call(*command: str, stdin: str = "", cwd: Path = project) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(tmp_path / "home"),
            "SECRETGUARD_HOME": str(tmp_path / "guard"),
            "LANG": "C.UTF-8",
        }
        return subprocess.run(
            command, input=stdin, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return call


def test_it_carries_what_it_needs_at_run_time(wheel: Path) -> None:
    """Rules, policy packs, schemas, migrations and type markers are in the wheel; tests and benches are not."""
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "secretguard/policy/packs/laptop/rules.cedar",
        "secretguard/policy/packs/laptop/facts.toml",
        "secretguard/policy/packs/team/rules.cedar",
        "secretguard/policy/packs/regulated/rules.cedar",
        "secretguard/policy/packs/CODEOWNERS",
        "secretguard/py.typed",
        "broker/py.typed",
    ):
        assert needed in names
    for folder, ending in (
        ("secretguard/detect/rules/", ".py"),
        ("secretguard/policy/schema/", ".json"),
        ("broker/store/migrations/", ".py"),
    ):
        assert [name for name in names if name.startswith(folder) and name.endswith(ending)], folder
    assert {name.split("/")[0].split("-")[0] for name in names} == {"secretguard", "broker"}


def test_scan_finds_and_passes(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    """`secretguard scan` exits 1 with a masked finding, 0 on a clean folder."""
    project = tmp_path / "project"
    assert run("secretguard", "scan", ".").returncode == 0
    (project / "pay.py").write_text(f'KEY = "{TOKEN}"\n')
    found = run("secretguard", "scan", "--format", "json", ".")
    assert found.returncode == 1, found.stderr
    assert [finding["line"] for finding in json.loads(found.stdout)["findings"]] == [1]
    assert TOKEN not in found.stdout + found.stderr


def test_the_hook_of_pre_commit_stops_a_secret(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """The entry that .pre-commit-hooks.yaml names refuses a staged secret and passes a clean index."""
    hooks = (wheels.ROOT / ".pre-commit-hooks.yaml").read_text().splitlines()
    entry = next(line.split("entry:")[1].split() for line in hooks if "entry:" in line)
    project = tmp_path / "project"
    run("git", "init", "-q")
    (project / "a.py").write_text("x = 1\n")
    run("git", "add", "a.py")
    assert run(*entry).returncode == 0
    (project / "b.py").write_text(f'KEY = "{TOKEN}"\n')
    run("git", "add", "b.py")
    stopped = run(*entry)
    assert stopped.returncode == 1
    assert "b.py" in stopped.stdout + stopped.stderr


def read_event(project: Path) -> str:
    """What Claude Code 2.1.330 sends after it has read a file."""
    file = {"filePath": str(project / ".env"), "content": f"A=1\nKEY={TOKEN}\nB=2\n"}
    event = {
        "session_id": "5c0a4f0e-0000-4000-8000-000000000000",
        "transcript_path": str(project / "none.jsonl"),
        "cwd": str(project),
        "permission_mode": "default",
        "hook_event_name": "PostToolUse",
        "tool_name": "Read",
        "tool_input": {"file_path": str(project / ".env")},
        "tool_response": {"type": "text", "file": file | {"numLines": 4, "startLine": 1, "totalLines": 4}},
        "tool_use_id": "toolu_01",
    }
    return json.dumps(event)


def test_the_installed_hook_redacts(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    """The very command that `install claude-code` writes to the settings answers a Read with a placeholder."""
    installed = run("secretguard", "install", "claude-code", "--scope", "user")
    assert installed.returncode == 0, installed.stderr
    settings = json.loads((tmp_path / "home" / ".claude" / "settings.json").read_text())
    hook = settings["hooks"]["PostToolUse"][0]["hooks"][0]
    command = [hook["command"], *hook["args"]] if "args" in hook else ["/bin/sh", "-c", hook["command"]]
    answer = run(*command, stdin=read_event(tmp_path / "project"))
    assert answer.returncode == 0, answer.stderr
    shown = json.loads(answer.stdout)["hookSpecificOutput"]["updatedToolOutput"]["file"]["content"]
    assert "[[secret:" in shown
    assert shown.startswith("A=1\n")
    assert shown.endswith("B=2\n")
    assert TOKEN not in answer.stdout + answer.stderr
    verified = run("secretguard", "audit", "verify")
    assert "self-consistent" in verified.stdout, verified.stdout + verified.stderr


def test_policy_check_passes(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """The packaged policy compiles where only the base requirements are."""
    checked = run("secretguard", "policy", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_broker_names_the_extra_it_needs(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """Without the broker's requirements `broker dev` says how to get them, in a line, with status 2."""
    refused = run("broker", "dev")
    assert refused.returncode == 2, refused.stderr
    assert "secretguard[broker]" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_base_is_base(run: Callable[..., subprocess.CompletedProcess[str]], programs: Path) -> None:
    """None of the broker's requirements came along."""
    listed = run(str(programs / "python"), "-m", "pip", "list", "--format=freeze").stdout.lower()
    assert "hyperscan==" in listed
    for extra in ("fastapi", "hvac", "sqlalchemy", "uvicorn", "psycopg"):
        assert f"{extra}==" not in listed
