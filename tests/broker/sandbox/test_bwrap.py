"""How bubblewrap is called. What it then keeps inside is tried in test_escape.py and test_selftest.py."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from broker.sandbox import bwrap
from broker.sandbox.plan import Plan, SandboxError

PLAN = Plan(("tool", "--setenv", "x"), "/srv/project", "task-1", "/x/task.sock", readable=("/opt/tool",))


def triples(options: list[str], name: str) -> list[tuple[str, str]]:
    return [(options[at + 1], options[at + 2]) for at, option in enumerate(options) if option == name]


def test_later_mounts_cover_earlier_ones() -> None:
    """The workspace and the readable paths come after the temporary directories, which would hide them."""
    options = bwrap.arguments(PLAN)
    last_temporary = max(at for at, option in enumerate(options) if option == "--tmpfs")
    assert options.index("--bind") > last_temporary
    assert options.index("/opt/tool") > last_temporary
    assert triples(options, "--bind") == [("/srv/project", "/srv/project")]
    assert ("/x/task.sock", bwrap.INSIDE_SOCKET) in triples(options, "--ro-bind")


def test_nothing_of_the_home_or_of_keys_is_bound() -> None:
    """Only programs, the harmless part of /etc and what the plan names are visible."""
    options = bwrap.arguments(PLAN)
    bound = {source for name in ("--ro-bind", "--ro-bind-try", "--bind") for source, _ in triples(options, name)}
    assert not [path for path in bound if path.startswith(("/home", "/root", "/var", "/run", "/proc", "/sys", "/dev"))]
    assert not bound & {"/", "/etc", "/etc/ssl", "/etc/ssl/private", "/etc/pki", "/etc/shadow", "/etc/passwd"}


def test_the_starters_environment_and_options_stay_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """bwrap gets an empty environment, its options through a descriptor, and the command after `--` alone."""
    seen: dict[str, object] = {}

    def popen(argv: list[str], **rest: object) -> object:
        descriptors = rest["pass_fds"]
        assert isinstance(descriptors, list)
        seen.update(rest, argv=argv, options=os.read(descriptors[-1], 100_000).decode().split("\0"))
        raise FileNotFoundError(2, "No such file")

    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(SandboxError, match="did not start"):
        bwrap.Bubblewrap("/usr/bin/bwrap").start(PLAN)
    argv, options = seen["argv"], seen["options"]
    assert isinstance(argv, list)
    assert isinstance(options, list)
    assert seen["env"] == {}
    assert argv[:2] == ["/usr/bin/bwrap", "--args"]
    assert argv[3:] == ["--", *PLAN.command]
    assert {"--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--seccomp"} <= set(options)
    assert options[-3:-1] == ["--remount-ro", "/"]


def test_no_descriptor_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it starts or not, the starter keeps none of the files that it handed over."""
    before = os.listdir("/proc/self/fd")
    with pytest.raises(SandboxError):
        bwrap.Bubblewrap("/no/such/bwrap").start(PLAN)
    assert os.listdir("/proc/self/fd") == before


def test_the_made_up_files_name_nobody() -> None:
    """passwd and group know this user by number alone, and the home inside."""
    made = bwrap.synthetic_etc()
    assert f":x:{os.getuid()}:{os.getgid()}::{bwrap.INSIDE_HOME}:" in made["passwd"]
    assert made["passwd"].count("\n") == 2
    assert os.uname().nodename not in "".join(made.values())


def test_found_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bwrap of PATH is used; without one there is no such tier."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho bubblewrap 9.9\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = bwrap.find()
    assert found is not None
    assert found.program == str(program)
    assert found.describe().startswith("bubblewrap 9.9: ")
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    assert bwrap.find() is None
