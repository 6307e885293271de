"""The demo's second half: an embedded broker, a task in a sandbox, its receipt, the broker's record."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from scripts.sample_project import EXAMPLES
from scripts.stage import Failed, Stage, check, say

START_SECONDS = 30


@contextlib.contextmanager
def broker(stage: Stage) -> Iterator[None]:
    """`broker dev` in the background, until the demo is over. Raises Failed when it does not come up."""
    say("\n$ broker dev &", "1")
    log = stage.folder / "broker.log"
    with log.open("w") as output:
        process = subprocess.Popen(["broker", "dev"], env=stage.environment, stdout=output, stderr=output)
        try:
            _wait(stage, process, log)
            for line in log.read_text().replace(f"{stage.folder}/", "").splitlines()[:4]:
                say("  " + line)
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def task(stage: Stage) -> None:
    """A command gets a credential of its task and nothing of the environment, the home or the network around it."""
    shutil.copy(EXAMPLES / "task.py", stage.project)
    with socket.create_server(("127.0.0.1", 0)) as host:
        port = host.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=5).close()  # out here it answers
        command = ("broker", "run", "hello", "--", "/usr/bin/env", "python3", "task.py", "identity", str(port))
        done = stage.run(*command, cwd=stage.project, lines=14)
    printed = done.stdout + done.stderr
    hidden = "/proc/1/environ: nothing of the parent" in printed or "/proc/1/environ: not readable" in printed
    check(hidden and "DEMO_PARENT" not in printed, "the parent's environment is not visible")
    check("loopback: not reachable" in printed, "no network, not even to this machine")
    check("credential: HTTP 201" in printed and "for task task-" in printed, "a credential that names its task")
    check("receipt for task-" in printed, "the task is over, and the receipt says what became of each lease")


def record(stage: Stage) -> None:
    """The broker's record verifies against a pin, and meddling with a copy of the store is told apart."""
    _numbered(stage)
    pin = stage.folder / "broker.pin"
    pin.write_text(stage.run("broker", "log", "pin", lines=3).stdout)
    stage.run("broker", "log", "verify", "--pin", str(pin), lines=3)
    state = Path(stage.environment["SECRETGUARD_HOME"]) / "state" / "broker"
    for what, change, status in _CHANGES:
        copy = stage.folder / f"broker-{what.replace(' ', '-')}"
        copy.mkdir()
        shutil.copytree(state / "keys", copy / "keys")
        _copy_store(state / "broker.db", copy / "broker.db", change)
        say("")
        say(f"  a copy of the store, one record {what}, by somebody who may write to it:")
        stage.run("broker", "log", "verify", "--state", str(copy), "--pin", str(pin), expect=status, lines=4)
    check(True, "the edited and the cut-off copy are caught, and told apart")


def _wait(stage: Stage, process: subprocess.Popen[bytes], log: Path) -> None:
    path = Path(stage.environment["SECRETGUARD_HOME"]) / "state" / "broker" / "launch.sock"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            return
        time.sleep(0.05)
    raise Failed(f"broker dev did not come up: {log.read_text()[-500:]}")


def _numbered(stage: Stage) -> None:
    """Wait until every record has its place in the tree: the broker numbers them in batches, a moment later."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        told = stage.run("broker", "log", "verify", "--format", "json", quiet=True)
        if json.loads(told.stdout)["unnumbered"] == 0:
            return
        time.sleep(0.2)
    raise Failed("the broker did not number its records")


def _copy_store(source: Path, target: Path, change: str) -> None:
    """A consistent copy of the running store, with its append-only triggers taken away and then changed."""
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)
        for (name,) in new.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            new.execute(f'DROP TRIGGER "{name}"')
        new.executescript(change)


_CHANGES = (
    (
        "edited",
        "UPDATE events SET payload = replace(payload, 'unix:', 'unix:9') "
        "WHERE seq = (SELECT max(seq) FROM events WHERE payload LIKE '%unix:%')",
        1,
    ),
    (
        "cut off",
        "DELETE FROM leaves WHERE seq = (SELECT max(seq) FROM events); "
        "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
        2,
    ),
)
"""What somebody with write access does to a copy, and the exit status that tells it."""
