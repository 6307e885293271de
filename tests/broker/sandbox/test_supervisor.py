"""The supervisor when the broker fails it: what is taken back late, what is not certain, and how that is said."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.broker.sandbox.dev_broker import Runner, receipt_of
from tests.broker.sandbox.stub_broker import TASK, Stub
from tests.broker.serving import serving

pytestmark = pytest.mark.sandbox
HURRY = "from broker.sandbox import supervisor as s\ns.TAKE_BACK_SECONDS = 1.0\ns.WATCHER_SECONDS = {watcher}"


@pytest.fixture
def stub() -> Stub:
    return Stub(["confirmed"])


@pytest.fixture
def runner(tmp_path: Path, stub: Stub, part: Callable[[str], Path]) -> Iterator[Runner]:
    part("bwrap")
    with tempfile.TemporaryDirectory(prefix="run-test-", dir="/tmp") as short:
        path = f"{short}/launch.sock"
        with serving(stub, path), Runner(tmp_path, f"unix:{path}", Path(short)) as made:
            yield made


def test_the_order_of_the_calls(stub: Stub, runner: Runner) -> None:
    """Start, activate, record, run, record, end: in this order and once each."""
    assert runner.run("--", "true").returncode == 0
    assert stub.calls == [
        "POST /v1/tasks",
        "POST /activate",
        "event sandbox:command:started",
        "event sandbox:command:ended",
        "POST /end",
    ]


@pytest.mark.parametrize("first", [[503, 503], ["queued", "queued"], [500, "queued", 503]])
def test_a_revocation_that_had_to_be_retried(first: list[str | int], stub: Stub, runner: Runner) -> None:
    """The end is asked for until it is confirmed, and the command's status stands."""
    stub.ends[:0] = first
    done = runner.run("--format", "json", "--", "sh", "-c", "exit 6")
    assert done.returncode == 6, done.stderr
    assert stub.calls.count("POST /end") == len(first) + 1
    document = receipt_of(done.stderr)
    assert (document["problem"], document["receipt"]["complete"]) == ("", True)


def test_a_revocation_that_cannot_be_confirmed_is_said_loudly(stub: Stub, runner: Runner) -> None:
    """A command that succeeded is no success when a credential may still be alive; the watcher goes on trying."""
    stub.ends = ["queued"]
    done = runner.run("--", "true", prelude=HURRY.format(watcher=1.0))
    assert done.returncode == 2
    assert "NOT CERTAIN TO BE TAKEN BACK: revocations are still under way" in done.stderr
    assert f"task {TASK} was ended by the watcher; revocations are still under way" in done.stderr


def test_the_watcher_finishes_what_the_supervisor_could_not(stub: Stub, runner: Runner) -> None:
    """A broker that comes back after the supervisor has given up is still told."""
    stub.ends = [*[503] * 8, "confirmed"]
    done = runner.run("--", "sh", "-c", "exit 3", prelude=HURRY.format(watcher=60.0))
    assert done.returncode == 3
    assert "NOT CERTAIN" in done.stderr
    assert f"task {TASK} was ended by the watcher, all is taken back" in done.stderr


def test_what_cannot_be_taken_back_is_no_failure(stub: Stub, runner: Runner) -> None:
    """A credential that only expires is in the receipt, and the command's status stands."""
    stub.ends = ["expires"]
    done = runner.run("--", "true")
    assert done.returncode == 0
    assert "expires" in done.stderr
    assert stub.calls.count("POST /end") == 1


def test_no_record_no_command(stub: Stub, runner: Runner) -> None:
    """When the start cannot be recorded the command does not run, and the task is ended."""
    stub.refuse_event = "sandbox:command:started"
    done = runner.run("--", "touch", "made")
    assert done.returncode == 2
    assert "no record" in done.stderr
    assert not (runner.workspace / "made").exists()
    assert stub.calls[-1] == "POST /end"


def test_an_unrecorded_end_still_takes_back(stub: Stub, runner: Runner) -> None:
    """When the end cannot be recorded everything is taken back all the same, and the exit status is not 0."""
    stub.refuse_event = "sandbox:command:ended"
    done = runner.run("--", "true")
    assert done.returncode == 2
    assert "could not be recorded" in done.stderr
    assert stub.calls[-1] == "POST /end"


@pytest.mark.parametrize("state", ["ended", "killed"])
def test_the_heartbeat_sees_the_end_of_the_task(state: str, stub: Stub, runner: Runner) -> None:
    """A task that is over at the broker ends the command within a heartbeat."""
    stub.state = state
    done = runner.run("--", "sleep", "300")
    assert done.returncode == 137
    assert "GET " in stub.calls


def test_a_task_ends_though_its_launcher_is_known_no_more(stub: Stub, runner: Runner) -> None:
    """A launcher's token lives for minutes, a task for hours: what ends the task is its own session."""
    stub.launcher_expired = True
    done = runner.run("--", "sh", "-c", "exit 7", prelude=HURRY.format(watcher=1.0))
    assert done.returncode == 7
    assert "NOT CERTAIN" not in done.stderr
    assert stub.calls[-1] == "POST /end"
