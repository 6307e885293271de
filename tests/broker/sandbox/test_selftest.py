"""The self-test passes for what is sound and sees each single weakness."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.sandbox import bwrap, landlock, seccomp, selftest
from broker.sandbox.plan import Plan, SandboxError

as_root = os.geteuid() == 0
needs_root = pytest.mark.skipif(not as_root, reason="only root has this weakness")


@pytest.fixture
def tier(part: Callable[[str], Path]) -> bwrap.Bubblewrap:
    return bwrap.Bubblewrap(str(part("bwrap")))


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[list[str]], list[str]]], None]:
    """Change bwrap's options."""
    sound = bwrap.arguments

    def change(edit: Callable[[list[str]], list[str]]) -> None:
        def weak(plan: Plan) -> list[str]:
            return edit(sound(plan))

        monkeypatch.setattr(bwrap, "arguments", weak)

    return change


def without(*wanted: str) -> Callable[[list[str]], list[str]]:
    """Leave out one run of options."""

    def edit(found: list[str]) -> list[str]:
        at = next(at for at in range(len(found)) if tuple(found[at : at + len(wanted)]) == wanted)
        return found[:at] + found[at + len(wanted) :]

    return edit


@pytest.mark.sandbox
def test_bubblewrap_passes(tier: bwrap.Bubblewrap) -> None:
    """The real tier passes on this machine."""
    assert selftest.failures(tier) == {}


@pytest.mark.sandlock
def test_sandlock_passes() -> None:
    """The real second tier passes on this machine."""
    assert selftest.failures(landlock.Sandlock()) == {}


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("edit", "check"),
    [
        (lambda found: ["--unshare-all", "--share-net", *found[1:]], "network"),
        (lambda found: [*found, "--bind", "/tmp", "/tmp"], "hidden"),
        (lambda found: [*found, "--ro-bind", "/proc", "/proc"], "command_lines"),
        (lambda found: [*found, "--setenv", "MORE", "1"], "environment"),
        (lambda found: [*found, "--tmpfs", "/run"], "task_socket"),
        (lambda found: [*found, "--remount-ro", found[found.index("--chdir") + 1]], "workspace"),
        pytest.param(without("--remount-ro", "/proc"), "writes", marks=needs_root),
        pytest.param(without("--cap-drop", "ALL"), "capabilities", marks=needs_root),
    ],
)
def test_a_weak_option_is_seen(
    edit: Callable[[list[str]], list[str]], check: str, tier: bwrap.Bubblewrap, options: Callable[..., None]
) -> None:
    """One option that opens the sandbox fails the check that is about it."""
    options(edit)
    assert check in selftest.failures(tier)


@pytest.mark.sandbox
def test_a_missing_filter_is_seen(tier: bwrap.Bubblewrap, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the system call filter the calls that it refuses get through."""
    allow_all = seccomp.program()[-8:]
    monkeypatch.setattr(seccomp, "program", lambda: allow_all)
    assert {"trace", "namespaces", "terminal", "network"} <= set(selftest.failures(tier))


@pytest.mark.sandbox
def test_an_inherited_environment_is_seen(tier: bwrap.Bubblewrap, monkeypatch: pytest.MonkeyPatch) -> None:
    """bwrap started with the caller's environment leaks it at /proc/1/environ, whatever --clearenv does."""
    real = subprocess.Popen
    monkeypatch.setattr(bwrap.subprocess, "Popen", lambda argv, env, **rest: real(argv, env={"LEAK": "1"}, **rest))
    assert "LEAK" in selftest.failures(tier)["environment"]


@pytest.mark.sandbox
def test_options_on_the_command_line_are_seen(tier: bwrap.Bubblewrap, monkeypatch: pytest.MonkeyPatch) -> None:
    """--setenv as an argument shows at /proc/1/cmdline."""
    real = subprocess.Popen

    def weak(argv: list[str], **rest: object) -> object:
        return real([argv[0], "--setenv", "TOKEN", "value", *argv[1:]], **rest)

    monkeypatch.setattr(bwrap.subprocess, "Popen", weak)
    assert "command_lines" in selftest.failures(tier)


@pytest.mark.sandbox
def test_a_tier_that_cannot_run_the_probe_has_not_passed(tier: bwrap.Bubblewrap, options: Callable[..., None]) -> None:
    """No answer is an error with the fix in it, not a pass."""
    options(lambda found: [*found, "--no-such-option"])
    with pytest.raises(SandboxError, match="could not run its self-test") as caught:
        selftest.failures(tier)
    assert "bubblewrap" in caught.value.fix


@pytest.mark.sandbox
def test_a_check_without_an_answer_has_failed(tier: bwrap.Bubblewrap, monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe that answers less than was asked is no pass."""
    monkeypatch.setattr(selftest, "CHECKS", (*selftest.CHECKS, "another"))
    assert selftest.failures(tier) == {"another": "cannot tell: no answer"}
