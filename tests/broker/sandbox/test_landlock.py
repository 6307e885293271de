"""The order for the sandlock tier. What it then keeps inside is tried in test_escape.py and test_selftest.py."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from broker.sandbox import landlock
from broker.sandbox.plan import VARIABLES, Plan, SandboxError, helper


def plan(scratch: Path) -> Plan:
    return Plan(("tool",), "/srv/project", "task-1", "/x/task/task.sock", readable=("/opt/tool",), scratch=str(scratch))


def test_what_may_be_written(tmp_path: Path) -> None:
    """The workspace, the private home, the socket's own directory and /dev/null; nothing else."""
    order = landlock.confinement(plan(tmp_path), "/h")
    assert order["writable"] == ["/srv/project", "/h", "/x/task", "/dev/null"]


def test_what_may_be_read(tmp_path: Path) -> None:
    """Programs, the harmless part of /etc, random devices and what the plan names; no /proc, no home, no keys."""
    readable = landlock.confinement(plan(tmp_path), "/h")["readable"]
    assert isinstance(readable, list)
    assert "/opt/tool" in readable
    assert not set(readable) & {"/", "/proc", "/etc", "/etc/ssl", "/etc/ssl/private", "/dev", "/tmp", "/run", "/home"}


def test_the_environment_is_the_plans_and_a_place_for_temporary_files(tmp_path: Path) -> None:
    """TMPDIR is the one variable that this tier adds."""
    environment = landlock.confinement(plan(tmp_path), "/h")["environment"]
    assert isinstance(environment, dict)
    assert set(environment) == {*VARIABLES, "TMPDIR"}
    assert environment["HOME"] == "/h"


def test_the_home_is_private_and_holds_the_helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new directory of mode 0700 below the plan's scratch, gone again when the tier cannot be started."""
    home = landlock._make_home(plan(tmp_path))
    assert stat.S_IMODE(os.stat(home).st_mode) == 0o700
    assert Path(home).parent == tmp_path
    assert Path(home, "bin", "broker").read_bytes() == helper()
    os.rename(home, tmp_path / "kept")

    def fail(*_arguments: object, **_options: object) -> object:
        raise PermissionError(13, "Permission denied")

    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(landlock.subprocess, "Popen", fail)
    with pytest.raises(SandboxError, match="Permission denied"):
        landlock.Sandlock().start(plan(tmp_path))
    assert os.listdir(tmp_path) == ["kept"]
    assert len(os.listdir("/proc/self/fd")) == before


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package there is no such tier."""
    assert landlock.find() is not None
    monkeypatch.setattr(landlock.importlib.util, "find_spec", lambda _name: None)
    assert landlock.find() is None
