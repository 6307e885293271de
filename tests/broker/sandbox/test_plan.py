"""What may be a workspace, and what of the caller's environment comes along."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.sandbox import plan
from broker.sandbox.plan import VARIABLES, Plan, SandboxError, helper, make_plan


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a project, and the broker's state below it."""
    home = tmp_path / "alice"
    (home / "project").mkdir(parents=True)
    (home / ".local/state/secretguard/broker").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SECRETGUARD_HOME")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return home


def plan_for(workspace: object, **more: object) -> Plan:
    return make_plan(("true",), str(workspace), "t-1", "/x/task.sock", **more)  # type: ignore[arg-type]


def test_a_project_is_accepted_at_its_real_path(home: Path) -> None:
    """A link to a project is followed: the workspace is the place itself."""
    (home / "link").symlink_to(home / "project")
    assert plan_for(home / "link").workspace == str((home / "project").resolve())


@pytest.mark.parametrize("place", ["/", "/tmp", "/usr", "/home", "/etc", "/etc/ssl", "/proc/self", "/dev/shm", "/run"])
def test_a_part_of_the_system_is_refused(place: str, home: Path) -> None:
    """System directories are no workspace."""
    with pytest.raises(SandboxError, match="part of the system"):
        plan_for(place)


def test_the_home_and_what_contains_it_are_refused(home: Path) -> None:
    """Neither the home directory nor a directory above it, by any name."""
    (home / "project" / "up").symlink_to(home)
    for place in (home, home.parent, home / "project" / "up", home / "project" / ".."):
        with pytest.raises(SandboxError, match="contains the home directory"):
            plan_for(place)


@pytest.mark.parametrize("below", ["", "/broker", "/../secretguard"])
def test_the_brokers_state_is_refused(below: str, home: Path) -> None:
    """A workspace at, in or around the broker's state would show it."""
    state = home / ".local/state/secretguard"
    with pytest.raises(SandboxError, match="broker's own"):
        plan_for(f"{state}{below}")
    with pytest.raises(SandboxError, match="broker's own"):
        plan_for(state.parent)


def test_the_launchers_socket_is_refused(home: Path) -> None:
    """A workspace that holds the launcher's socket is refused wherever that is; so is such a readable directory."""
    launcher = home / "project" / "launch.sock"
    launcher.touch()
    with pytest.raises(SandboxError, match="broker's own"):
        plan_for(home / "project", private=[str(launcher)])
    (home / "other").mkdir()
    with pytest.raises(SandboxError, match="--ro-bind"):
        plan_for(home / "other", readable=[str(home / "project")], private=[str(launcher)])


def test_the_directory_of_other_tasks_sockets_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TMPDIR inside of the workspace the sockets of other tasks would be in it."""
    temporary = home / "project" / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(plan, "temporary_root", lambda: str(temporary))
    with pytest.raises(SandboxError, match="temporary files"):
        plan_for(home / "project")


@pytest.mark.parametrize("place", ["/", "/tmp", "/run", "/proc", "/sys/kernel"])
def test_a_readable_directory_is_not_the_system(place: str, home: Path) -> None:
    """--ro-bind takes one directory, not the system."""
    with pytest.raises(SandboxError, match="--ro-bind"):
        plan_for(home / "project", readable=[place])


def test_what_does_not_exist_is_named(home: Path) -> None:
    """Missing paths, files as workspaces, NUL bytes and an empty command are refused by name."""
    (home / "file").touch()
    for place, reason in ((home / "none", "does not exist"), (home / "file", "not a directory"), ("a\0b", "NUL")):
        with pytest.raises(SandboxError, match=reason):
            plan_for(place)
    with pytest.raises(SandboxError, match="no command"):
        make_plan((), str(home / "project"), "t-1", "/x")


@given(st.dictionaries(st.sampled_from(["TERM", "LANG", "TOKEN", "PATH", "LD_PRELOAD"]), st.text(max_size=60)))
def test_two_variables_come_along_and_only_when_plain(environ: dict[str, str]) -> None:
    """Whatever the caller's environment holds, only plain values of TERM and LANG reach the inside."""
    made = make_plan(("true",), os.path.dirname(__file__), "t-1", "/x", environ=environ)
    inside = made.environment("/h", "/s", "/p")
    assert tuple(inside) == VARIABLES
    assert inside["PATH"].startswith("/usr/local/sbin:")
    assert inside["PATH"].endswith(":/p")
    for name, fallback in (("TERM", "dumb"), ("LANG", "C.UTF-8")):
        assert inside[name] in (environ.get(name), fallback)
        assert inside[name].isascii()
        assert not set(inside[name]) & set(" \n\0=/;$")


def test_the_helper_needs_nothing_but_python() -> None:
    """The program offered inside starts by its own first line and imports nothing of this project."""
    text = helper().decode()
    assert text.startswith("#!/usr/bin/env python3\n")
    assert "import broker" not in text
    assert "from broker" not in text
    assert "secretguard" not in text


def test_sockets_fit_into_their_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path too long for a socket's address is not used; a private directory is one's own alone."""
    long = tmp_path / ("d" * 80)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    assert plan.temporary_root() == "/tmp"
    monkeypatch.setattr("tempfile.tempdir", "/var/tmp")
    assert plan.temporary_root() == "/var/tmp"
    made = plan.private_directory("plan-test-")
    try:
        assert os.stat(made).st_mode & 0o777 == 0o700
    finally:
        os.rmdir(made)
    monkeypatch.setattr("tempfile.tempdir", "/no/such")
    with pytest.raises(SandboxError, match="no directory can be made"):
        plan.private_directory("plan-test-")
