"""The script that the client's settings name: what it does when all is well, and when its Python is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard.agents import claude_launcher
from secretguard.agents.claude_install import install, plan_install
from secretguard.agents.claude_launcher import REMOVER, launcher_path, launcher_script, pins, refuse_throwaway
from secretguard.detect import made_up
from secretguard.errors import ConfigError
from tests.secretguard.guard.events import payload


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The launcher of an installation into settings that held one line."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.json").write_text('{"model":"x"}')
    install(plan_install("user", tmp_path), "user")
    return launcher_path("user")


def broken(launcher: Path, python: str) -> Path:
    """The launcher with another interpreter."""
    launcher.write_text(launcher.read_text().replace(sys.executable, python))
    return launcher


def call(launcher: Path, event: bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """One event, written without spaces as the client writes it."""
    compact = json.dumps(json.loads(event), separators=(",", ":")).encode()
    return subprocess.run(
        [launcher, "claude-code"], input=compact, capture_output=True, timeout=30, check=False,
        env={"PATH": os.defpath, **environment},
    )  # fmt: skip


@pytest.mark.parametrize("python", ["/gone/python", "/bin/false", "/bin/cat"])
def test_a_python_that_is_gone_or_broken_refuses(launcher: Path, tmp_path: Path, python: str) -> None:
    """Blocking, nothing on stdout, and the one command that takes the guard out."""
    done = call(broken(launcher, python), payload("PreToolUse", tmp_path, tool_name="Read", tool_input={}))
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"sh '{launcher.with_name(REMOVER)}'" in done.stderr.decode()


@pytest.mark.parametrize(("tool", "place"), [("Bash", ("stdout",)), ("Read", ("file", "content"))])
def test_a_result_is_withheld_when_the_python_went_meanwhile(
    launcher: Path, tmp_path: Path, tool: str, place: tuple[str, ...]
) -> None:
    """An upgrade while a command runs: the result is withheld in the tool's own shape."""
    event = payload("PostToolUse", tmp_path, tool_name=tool, tool_input={}, tool_response={"stdout": "secret"})
    done = call(broken(launcher, "/gone/python"), event)
    shown = json.loads(done.stdout)["hookSpecificOutput"]["updatedToolOutput"]
    for name in place:
        shown = shown[name]
    assert (done.returncode, shown) == (0, "[withheld: secretguard cannot run]")


def test_an_input_cannot_pass_for_another_event(launcher: Path, tmp_path: Path) -> None:
    """Words of a result's event within a call's input do not make the launcher let the call through."""
    given = {"hook_event_name": "PostToolUse", "tool_name": "Bash"}
    event = payload("PreToolUse", tmp_path, tool_name="Bash", tool_input=given)
    assert call(broken(launcher, "/gone/python"), event).returncode == 2


def test_the_environment_cannot_lead_it_elsewhere(launcher: Path, tmp_path: Path, own_home: Path) -> None:
    """Settings of a repository may set variables for hooks: journal and policy stay those of the installation."""
    secret = made_up.github("ghp_")
    response = {"stdout": secret, "stderr": "", "interrupted": False}
    event = payload("PostToolUse", tmp_path, tool_name="Bash", tool_input={"command": "x"}, tool_response=response)
    done = call(launcher, event, SECRETGUARD_HOME=str(tmp_path / "lure"), XDG_CONFIG_HOME=str(tmp_path / "lure"))
    assert b"[[secret:" in done.stdout
    assert not (tmp_path / "lure").exists()
    assert (own_home / "state" / "audit" / "journal.jsonl").exists()


def test_the_places_are_pinned_without_a_home_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The three folders of the user as they are now; below each user's home where the settings are the machine's."""
    monkeypatch.delenv("SECRETGUARD_HOME")
    monkeypatch.setenv("XDG_STATE_HOME", "/data/my state")
    assert "unset SECRETGUARD_HOME; " in pins("user")
    assert "XDG_STATE_HOME='/data/my state'; " in pins("user")
    assert pins("managed") == "unset SECRETGUARD_HOME XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME\n"


@pytest.mark.parametrize("python", ["python", "no python"])
def test_the_way_out_needs_nothing_of_the_package(launcher: Path, tmp_path: Path, python: str) -> None:
    """With any Python 3, or with none where nobody touched the file: the settings are back, and no file is left."""
    broken(launcher, "/gone/python")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "cat", "cut", "rm", "sha256sum", *(["python3"] if python == "python" else [])):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    command = ["/bin/sh", launcher.with_name(REMOVER)]
    refused = subprocess.run(command, env={"PATH": str(tools), "CLAUDECODE": "1"}, capture_output=True, check=False)
    assert (refused.returncode, launcher.exists()) == (2, True)
    done = subprocess.run(command, env={"PATH": str(tools)}, capture_output=True, text=True, check=False, timeout=30)
    settings = tmp_path / "config" / "settings.json"
    assert (done.returncode, done.stdout) == (0, f"{settings} is what it was before\n"), done.stderr
    assert settings.read_text() == '{"model":"x"}'
    left = [path for path in launcher.parent.parent.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert [path.name for path in left if path.parent.name in ("hooks", "clients")] == []


def test_a_touched_file_without_any_python_is_left_to_a_person(launcher: Path, tmp_path: Path) -> None:
    """The script does not edit JSON with a shell: it says what to take out, and keeps the guard."""
    settings = tmp_path / "config" / "settings.json"
    settings.write_text(settings.read_text() + "\n")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cat", "cut", "rm", "sha256sum"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    done = subprocess.run(
        ["/bin/sh", launcher.with_name(REMOVER)], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert str(settings) in done.stderr
    assert launcher.exists()


@pytest.mark.parametrize(("variable", "place"), [("UV_CACHE_DIR", "archive-v0/x"), ("PIPX_HOME", ".cache/x")])
def test_a_throwaway_environment_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, place: str
) -> None:
    """What `uvx` or `pipx run` made is gone tomorrow: the command for a lasting one is named."""
    refuse_throwaway()
    monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr(claude_launcher.sys, "prefix", str(tmp_path / place))
    with pytest.raises(ConfigError, match="uv tool install secretguard"):
        refuse_throwaway()


def test_the_script_is_plain_sh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No quote in a path breaks it: a home folder with every character that a shell knows."""
    monkeypatch.setenv("SECRETGUARD_HOME", str(tmp_path / 'it\'s $(a) "home" & more'))
    script = launcher_script("user")
    done = subprocess.run(["/bin/sh", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
