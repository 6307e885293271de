"""`broker run` on the real bubblewrap, sandlock and `broker dev`: whatever the end is, everything is taken back."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from broker.client import BrokerClient
from broker.sandbox.running import descendants
from broker.vault_identity import private_text
from tests.broker.sandbox.dev_broker import Runner, alive, dev_broker, eventually, marker, receipt_of, token_of

TIERS = [pytest.param("bwrap", marks=pytest.mark.sandbox), pytest.param("sandlock", marks=pytest.mark.sandlock)]
FETCH = "broker credential identity --field token"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def endpoint(base: Path) -> Iterator[str]:
    with dev_broker(base, "ada", "grace") as address:
        yield address


@pytest.fixture
def temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="run-test-", dir="/tmp") as path:
        yield Path(path)


@pytest.fixture
def runner(tmp_path: Path, temporary: Path, endpoint: str, part: Callable[[str], Path]) -> Iterator[Runner]:
    part("bwrap")
    with Runner(tmp_path, endpoint, temporary) as made:
        yield made


def long_command(mark: str) -> str:
    """A command that has a credential, leaves processes of several kinds behind, ignores SIGTERM, and does not end."""
    return f"{FETCH} > got; trap '' TERM INT HUP; sleep {mark} & setsid sleep {mark} & echo started; wait; sleep {mark}"


def started(process: subprocess.Popen[str]) -> None:
    """Wait until the command says so."""
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n", process.communicate(timeout=30)[1]


def taken_back(runner: Runner) -> bool:
    """Is the task over, and none of its leases alive without an end in sight?"""
    task = runner.task()
    leases = task["leases"]
    assert isinstance(leases, list)
    return task["state"] in ("ended", "killed") and all(lease["state"] == "revoked" for lease in leases)


@pytest.mark.parametrize("tier", TIERS)
def test_a_command_gets_a_credential_and_it_ends_with_it(tier: str, runner: Runner) -> None:
    """The token comes through the socket; afterwards the task is over, the receipt names the lease, status 0."""
    done = runner.run("--tier", tier, "--format", "json", "--", "sh", "-c", FETCH)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(".") == 2  # a signed JWT and nothing else
    document = receipt_of(done.stderr)
    task = runner.task()
    assert document["task_id"] == task["task_id"]
    assert [line["grant"] for line in document["receipt"]["lines"]] == ["identity"]
    assert taken_back(runner)
    assert runner.left() == []


def test_the_tier_is_printed_and_the_receipt_is_readable(runner: Runner) -> None:
    """A person reads which sandbox it was, that it was tested, and what became of each lease."""
    done = runner.run("--", "sh", "-c", f"{FETCH} >/dev/null")
    assert "sandbox: bubblewrap" in done.stderr
    assert "self-test passed" in done.stderr
    assert "receipt for task-" in done.stderr
    assert "identity" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("tier", TIERS)
def test_the_commands_status_and_streams_are_its_own(tier: str, runner: Runner) -> None:
    """Input, output and exit status pass through; the task is over all the same."""
    done = runner.run("--tier", tier, "--", "sh", "-c", "cat; echo wrong >&2; exit 9", given="hello")
    assert (done.returncode, done.stdout) == (9, "hello")
    assert "wrong\n" in done.stderr
    assert taken_back(runner)


def test_a_signal_inside_is_128_and_its_number(runner: Runner) -> None:
    """A command that a signal ended gives 128+N."""
    assert runner.run("--", "sh", "-c", "kill -SEGV $$").returncode == 128 + signal.SIGSEGV
    assert taken_back(runner)


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything(number: signal.Signals, tier: str, runner: Runner) -> None:
    """SIGTERM, Ctrl-C and a hang-up of the supervisor: nothing inside survives, the task is over, 128+N."""
    mark = marker()
    process = runner.start("--tier", tier, "--", "sh", "-c", long_command(mark))
    started(process)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    assert f"signal {number.name}" in err
    assert alive(mark) == 0
    assert taken_back(runner)
    assert runner.left() == []


@pytest.mark.parametrize("tier", TIERS)
def test_kill_9_of_the_supervisor_ends_everything(tier: str, runner: Runner) -> None:
    """The supervisor cannot do anything any more; the sandbox dies with it and the watcher ends the task."""
    mark = marker()
    process = runner.start("--tier", tier, "--", "sh", "-c", long_command(mark))
    started(process)
    assert (runner.workspace / "got").read_text().count(".") == 2
    process.kill()
    _, err = process.communicate(timeout=60)  # ends when the watcher, the last to hold the stream, has ended
    assert "was ended by the watcher, all is taken back" in err
    eventually(lambda: alive(mark) == 0, "no process of the sandbox is left")
    assert taken_back(runner)
    eventually(lambda: runner.left() == [], "no directory is left")


@pytest.mark.parametrize("tier", TIERS)
def test_a_timeout_ends_everything(tier: str, runner: Runner) -> None:
    """--timeout ends a command that would go on, with the status of timeout(1)."""
    mark = marker()
    done = runner.run("--tier", tier, "--timeout", "2s", "--", "sh", "-c", long_command(mark))
    assert done.returncode == 124, done.stderr
    assert "its time was over" in done.stderr
    assert alive(mark) == 0
    assert taken_back(runner)


def test_a_kill_at_the_broker_ends_the_command(runner: Runner, endpoint: str) -> None:
    """When the task is killed at the broker the supervisor learns of it and ends the sandbox."""
    mark = marker()
    process = runner.start("--", "sh", "-c", long_command(mark))
    started(process)
    with BrokerClient(endpoint) as client:
        client.kill(str(runner.task()["task_id"]), "the test says so")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 137, err
    assert "over at the broker" in err
    assert alive(mark) == 0


def test_processes_left_behind_end_with_the_command(runner: Runner) -> None:
    """What the command started in the background does not outlive it."""
    for tier in ("bwrap", "sandlock"):
        mark = marker()
        done = runner.run("--tier", tier, "--", "sh", "-c", f"setsid sleep {mark} & sleep {mark} & exit 4")
        assert done.returncode == 4, done.stderr
        assert alive(mark) == 0


def test_the_record_comes_before_the_effect(base: Path, runner: Runner) -> None:
    """The broker's record has the start before the first lease, and the end before the task's end; no arguments."""
    secret = "made-" + "up-argument"
    done = runner.run("--", "sh", "-c", f": {secret}; {FETCH}")
    task_id = str(runner.task()["task_id"])
    store = f"file:{base / 'dev' / 'broker.db'}?mode=ro"
    with contextlib.closing(sqlite3.connect(store, uri=True)) as database:
        rows = database.execute("SELECT event, payload FROM events WHERE task_id = ? ORDER BY seq", (task_id,))
        found = list(rows)
    names = [event for event, _ in found]
    assert names.index("broker:task:activated") < names.index("sandbox:command:started")
    assert names.index("sandbox:command:started") < names.index("broker:lease:intended")
    assert names.index("broker:lease:issued") < names.index("sandbox:command:ended") < names.index("broker:task:ended")
    text = json.dumps(found)
    assert secret not in text
    assert done.stdout.strip() not in text


def test_nothing_of_the_caller_is_inside(runner: Runner) -> None:
    """The environment of `broker run` is nowhere inside, nor the launcher's socket, nor the session's key."""
    look = "cat /proc/*/environ /proc/*/cmdline; env; ls -la / /tmp ~ /run /run/broker; mount"
    done = runner.run("--", "sh", "-c", f"{look}; find / -name launch.sock 2>/dev/null; true")
    assert done.returncode == 0, done.stderr
    assert "BROKER_TASK_ID=task-" in done.stdout
    assert runner.canary not in done.stdout
    assert "SECRETGUARD_HOME" not in done.stdout
    assert "/launch.sock\n" not in done.stdout


def test_only_this_tasks_calls_exist_on_the_socket(runner: Runner) -> None:
    """No launcher's call, and no other task by its id, answers on task.sock."""
    calls = "for at in tasks tasks/task-000000000000000000000000 kill approvals log/entries explain; do"
    calls += " curl -s -o /dev/null -w '%{http_code} ' --unix-socket $BROKER_TASK_SOCKET http://task/v1/$at -d '{}';"
    done = runner.run("--", "sh", "-c", f"{calls} done; curl -s --unix-socket $BROKER_TASK_SOCKET http://task/v1/task")
    codes, _, document = done.stdout.partition("{")
    assert codes.split() == ["404"] * 6, done.stderr
    assert json.loads("{" + document)["policy"] == "hello"


@pytest.mark.parametrize("tier", TIERS)
def test_the_socket_is_for_the_sandbox_alone(tier: str, runner: Runner) -> None:
    """Another process of the same user finds the socket and is turned away; a daemon inside is not."""
    late = f"setsid sh -c '{FETCH} > part; mv part late'"
    daemon = f"{late} & echo started; until [ -e late ]; do sleep 0.1; done; cat late; read end"
    process = runner.start("--tier", tier, "--", "sh", "-c", daemon)
    started(process)
    sockets = list(runner.temporary.glob("broker-run-*/task/task.sock"))
    assert len(sockets) == 1
    stranger = [
        "curl",
        "-s",
        "--unix-socket",
        str(sockets[0]),
        "http://task/v1/credentials",
        "-d",
        '{"grant": "identity"}',
    ]
    answer = subprocess.run(stranger, capture_output=True, text=True, timeout=30, check=True).stdout
    assert json.loads(answer)["status"] == 401
    out, err = process.communicate("end\n", timeout=60)
    assert out.count(".") == 2, err


@pytest.mark.sandlock
def test_kill_9_of_the_helper_ends_everything(runner: Runner) -> None:
    """When the sandlock tier's helper is killed, the supervisor adopts what it left and ends it."""
    mark = marker()
    process = runner.start("--tier", "sandlock", "--", "sh", "-c", long_command(mark))
    started(process)
    helper = [
        pid
        for pid in descendants(process.pid)
        if b"broker.sandbox.confine" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    os.kill(helper[0], signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 137, err
    assert alive(mark) == 0
    assert taken_back(runner)
    assert runner.left() == []


def test_a_grant_that_waits_for_a_person(base: Path, runner: Runner, endpoint: str) -> None:
    """Inside it says who must decide (75); once another person has approved, the same request gets the credential."""
    ask = "broker credential publish --idempotency-key publish-once --field token"
    command = f"{ask}; [ $? = 75 ] || exit 1; echo started; read decided; {ask}"
    process = runner.start("--token-file", token_of(base, "ada"), "--", "sh", "-c", command, policy="release")
    started(process)
    with BrokerClient(endpoint, private_text(token_of(base, "grace"))) as grace:
        waiting = [one for one in grace.approvals() if one["task_id"] == runner.task()["task_id"]]
        grace.decide(str(waiting[0]["approval_id"]), "approve", "the test says so")
    out, err = process.communicate("decided\n", timeout=60)
    assert process.returncode == 0, err
    assert out.count(".") == 2
    assert "waiting for a person: " in err
    assert taken_back(runner)


def test_a_refusal_inside_names_the_way_on(runner: Runner) -> None:
    """A grant that the task does not have is refused inside, with the broker's words and status 2."""
    done = runner.run("--", "broker", "credential", "production-database")
    assert done.returncode == 2
    assert "production-database" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--workspace", "/", "--", "true"], "part of the system"),
        (["--workspace", os.path.expanduser("~"), "--", "true"], "home directory|part of the system"),
        (["--ro-bind", "/", "--", "true"], "expose the system"),
        (["--timeout", "0s", "--", "true"], "duration"),
        (["--tier", "none", "--", "true"], "tier"),
        (["--"], "COMMAND"),
    ],
)
def test_a_bad_order_starts_nothing(arguments: list[str], reason: str, runner: Runner, endpoint: str) -> None:
    """What is refused is refused with exit 2 before any task exists."""
    with BrokerClient(endpoint) as client:
        before = len(client.tasks())
        done = runner.run(*arguments)
        assert done.returncode == 2
        assert any(word in done.stderr for word in reason.split("|")), done.stderr
        assert len(client.tasks()) == before


def test_the_brokers_state_is_no_workspace(base: Path, runner: Runner) -> None:
    """A workspace that would show the launcher's socket is refused."""
    done = runner.run("--workspace", str(base), "--", "true")
    assert done.returncode == 2
    assert "broker's own" in done.stderr


def test_a_broker_that_is_not_there(tmp_path: Path, temporary: Path, part: Callable[[str], Path]) -> None:
    """Without a broker nothing is started, and the message says how to go on."""
    part("bwrap")
    done = Runner(tmp_path, f"unix:{tmp_path}/none/launch.sock", temporary).run("--", "touch", "made")
    assert done.returncode == 2
    assert "is it running?" in done.stderr
    assert not (tmp_path / "workspace" / "made").exists()


def test_an_unknown_policy_starts_nothing(runner: Runner) -> None:
    """A task policy that does not exist is the broker's refusal, exit 2."""
    process = runner.start("--", "touch", "made", policy="no-such-policy")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "no-such-policy" in err
    assert not (runner.workspace / "made").exists()
