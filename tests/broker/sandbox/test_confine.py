"""The helper process of the sandlock tier: what it tells of the command's end, and that it outlives nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broker.sandbox import landlock
from broker.sandbox.plan import Plan
from tests.broker.sandbox.dev_broker import alive, eventually, marker

sandlock = pytest.importorskip("sandlock")
from broker.sandbox import confine  # noqa: E402

as_root = os.geteuid() == 0


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    for name in ("workspace", "task"):
        (tmp_path / name).mkdir()
    return Plan(("true",), str(tmp_path / "workspace"), "t", str(tmp_path / "task" / "s"), scratch=str(tmp_path))


@pytest.mark.parametrize(
    ("reason", "number", "code", "status"),
    [
        ("EXITED", -1, 0, 0),
        ("EXITED", -1, 9, 9),
        ("SIGNALED", 15, -1, 143),
        ("KILLED", -1, -1, 137),
        ("EXITED", -1, -1, 125),
    ],
)
def test_the_status(reason: str, number: int, code: int, status: int) -> None:
    """sandlock's words for an end become the shell's numbers."""
    result = types.SimpleNamespace(reason=sandlock.ExitReason[reason], signal=number, exit_code=code)
    assert confine._status(result) == status


@pytest.mark.sandlock
def test_a_closed_lifeline_ends_everything(plan: Plan) -> None:
    """Letting go of the lifeline, as the death of the supervisor does, ends what runs and removes the home."""
    mark = marker()
    command = ("sh", "-c", f"setsid sleep {mark} & sleep {mark} & trap '' TERM; echo up > up; wait")
    running = landlock.Sandlock().start(Plan(command, plan.workspace, "t", plan.task_socket, scratch=plan.scratch))
    eventually(lambda: os.path.exists(f"{plan.workspace}/up") and alive(mark) == 2, "the command has started")
    running.release()
    assert running.process.wait(20) == 128 + signal.SIGKILL
    assert alive(mark) == 0
    assert not [name for name in os.listdir(plan.scratch) if name.startswith("broker-home-")]


@pytest.mark.sandlock
def test_many_start_at_once(tmp_path: Path) -> None:
    """Sandboxes do not get in each other's way: twelve that start together all run."""

    def run(number: int) -> int:
        base = tmp_path / str(number)
        for name in ("workspace", "task"):
            (base / name).mkdir(parents=True)
        made = Plan(("true",), str(base / "workspace"), "t", str(base / "task" / "s"), scratch=str(base))
        running = landlock.Sandlock().start(made, capture=True)
        running.process.communicate(timeout=60)
        running.release()
        return running.process.returncode

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(run, range(12))) == [0] * 12


@pytest.mark.sandlock
def test_a_command_that_is_not_there(plan: Plan) -> None:
    """An unknown program is a status that is not 0, and nothing is left."""
    made = Plan(("no-such-program",), plan.workspace, "t", plan.task_socket, scratch=plan.scratch)
    running = landlock.Sandlock().start(made, capture=True)
    output, _ = running.process.communicate(timeout=30)
    running.release()
    assert running.process.returncode in (125, 126, 127)
    assert b"no-such-program" in output


@pytest.mark.skipif(not as_root, reason="only root has capabilities to drop")
def test_capabilities_are_dropped_for_good() -> None:
    """After the drop all sets are empty, and a program that is run gets none back."""
    program = """
import ctypes, os
from broker.sandbox.confine import drop_capabilities
drop_capabilities(ctypes.CDLL(None, use_errno=True))
os.execvp("grep", ["grep", "^Cap", "/proc/self/status"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    sets = {int(line.split()[1], 16) for line in done.stdout.splitlines()}
    assert sets == {0}
