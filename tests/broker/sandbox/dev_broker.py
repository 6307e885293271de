"""A real `broker dev` process, and `broker run` against it, as a person would start them."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from broker.client import BrokerClient
from tests.servers.process import stop, wait_until

PATIENCE = 20.0


class Runner:
    """Starts `broker run` with an environment that holds a canary. `temporary` is its TMPDIR, with a short path."""

    def __init__(self, base: Path, endpoint: str, temporary: Path) -> None:
        self.endpoint = endpoint
        self.processes: list[subprocess.Popen[str]] = []
        self.purpose = f"test {secrets.token_hex(8)}"
        self.workspace = base / "workspace"
        self.workspace.mkdir(exist_ok=True)
        self.temporary = temporary
        self.canary = "canary-" + secrets.token_hex(8)
        self.environment = {
            **os.environ,
            "SECRETGUARD_HOME": str(base / "state-home"),
            "BROKER_ENDPOINT": endpoint,
            "TMPDIR": str(self.temporary),
            "CANARY": self.canary,
        }

    def start(self, *arguments: str, policy: str = "hello", prelude: str = "") -> subprocess.Popen[str]:
        """`broker run ARGUMENTS`; `prelude` is Python that runs before the command does."""
        program = f"{prelude}\nfrom broker.cli import main\nmain()"
        argv = [sys.executable, "-c", program, "run", policy, "--workspace", str(self.workspace)]
        argv += ["--purpose", self.purpose, *arguments]
        process = subprocess.Popen(
            argv, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.processes.append(process)
        return process

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        """A test that failed half-way leaves nothing running."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
            with contextlib.suppress(ValueError):  # its streams were read to the end already
                process.communicate(timeout=60)

    def run(self, *arguments: str, prelude: str = "", given: str = "") -> subprocess.CompletedProcess[str]:
        """The same, to its end."""
        process = self.start(*arguments, prelude=prelude)
        out, err = process.communicate(given, timeout=90)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def task(self) -> dict[str, object]:
        """The task that was started here last, with its leases."""
        with BrokerClient(self.endpoint) as client:
            return client.task([str(task["id"]) for task in client.tasks() if task["purpose"] == self.purpose][-1])

    def left(self) -> list[str]:
        """Directories of runs that nobody has removed."""
        return [str(path) for path in self.temporary.iterdir() if path.name.startswith("broker-")]


@contextlib.contextmanager
def dev_broker(base: Path, *people: str) -> Iterator[str]:
    """A `broker dev` with its own state, knowing these people; yields the endpoint."""
    environment = {**os.environ, "SECRETGUARD_HOME": str(base / "broker-home")}
    log = (base / "dev.log").open("wb")
    argv = [sys.executable, "-m", "broker", "dev", "--state", str(base / "dev")]
    argv += [word for name in people for word in ("--person", name)]
    process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
    endpoint = f"unix:{base / 'dev' / 'launch.sock'}"
    try:
        wait_until(lambda: _answers(endpoint), process, 60, "broker dev")
        yield endpoint
    finally:
        stop(process, signal.SIGTERM)
        log.close()


def _answers(endpoint: str) -> bool:
    if not os.path.exists(endpoint.removeprefix("unix:")):
        return False
    with contextlib.suppress(Exception), BrokerClient(endpoint, timeout=2) as client:
        client.tasks()
        return True
    return False


def token_of(base: Path, name: str) -> str:
    """The token file of a person whom that `broker dev` knows, as its banner says."""
    line = next(one for one in (base / "dev.log").read_text().splitlines() if f"{name}: --token-file" in one)
    return line.rpartition(" ")[2]


def marker() -> str:
    """An argument for `sleep` that no other process has."""
    return f"300.{secrets.randbelow(10**12):012}"


def alive(mark: str) -> int:
    """How many processes of this machine have `mark` among their arguments as a whole."""
    count = 0
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            count += mark.encode() in file.read().split(b"\0")
    return count


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait until it holds, but not for ever."""
    ends_at = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends_at, f"it never came to be: {what}"
        time.sleep(0.05)


def receipt_of(stderr: str) -> dict[str, object]:
    """The JSON document that `--format json` prints on standard error."""
    document = json.loads(next(line for line in stderr.splitlines() if line.startswith("{")))
    assert isinstance(document, dict)
    return document
