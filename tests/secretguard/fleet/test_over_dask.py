"""The same scan on real Dask workers: a scheduler and workers as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.secretguard.fleet.repositories import command, listed, scan, shards, some

DASK = Path(sys.executable).with_name("dask")


class Cluster:
    """A scheduler on loopback, and workers that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, list[subprocess.Popen[bytes]]()
        self.file = folder / "scheduler.json"
        self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file)
        )
        patience = time.monotonic() + 90
        while not self.file.exists() or not self.file.read_text().endswith("}"):
            assert time.monotonic() < patience, "the scheduler did not start"
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"]

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        plain = {**os.environ, "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "false"}
        with log:
            process = subprocess.Popen([DASK, *arguments], cwd=self.folder, stdout=log, stderr=log, env=plain)
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        return self._start(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"
        )

    def end(self) -> None:
        for process in reversed(self.processes):
            process.kill()
        for process in self.processes:
            process.wait(30)


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    folder.mkdir()
    pytest.importorskip("distributed")
    here = Cluster(folder)
    try:
        yield here
    finally:
        here.end()


@pytest.mark.slow
def test_same_bytes_as_here_though_a_worker_is_killed(tmp_path: Path) -> None:
    """Two workers, one killed with -9 in the middle: every shard is there, byte for byte that of one machine."""
    repositories = some(tmp_path, 10)
    names = listed(tmp_path / "list", [*repositories, f"file://{repositories[2]}", tmp_path / "none"])
    here, far = tmp_path / "here", tmp_path / "far"
    assert scan(names, here, "--history", "--clone").returncode == 2
    far.mkdir(mode=0o700)
    (far / "fingerprint.key").write_bytes((here / "fingerprint.key").read_bytes())
    with cluster(tmp_path / "dask") as dask:
        first, _ = dask.worker(), dask.worker()
        line = command(names, far, "--history", "--clone", "--scheduler", dask.address)
        running = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        patience = time.monotonic() + 90
        while len(shards(far)) < 2 and running.poll() is None and time.monotonic() < patience:
            time.sleep(0.005)
        assert running.poll() is None, running.communicate()
        first.send_signal(signal.SIGKILL)
        out, err = running.communicate(timeout=120)
    assert running.returncode == 2, err
    assert "12 repositories: 11 scanned, 1 failed" in out
    assert shards(far) == shards(here)
    assert (far / "errors.jsonl").read_bytes() == (here / "errors.jsonl").read_bytes()


HURRIED = """
import sys
from secretguard.errors import ConfigError
from secretguard.fleet import over_dask
from secretguard.fleet.task import Target, Task
over_dask.PATIENCE = float(sys.argv[2])
try:
    list(over_dask.work([Task(Target("x", "x-1", place="/x"), {}, b"")], sys.argv[1]))
except ConfigError as error:
    print(error)
"""


def hurried(address: str, seconds: int) -> str:
    """What is said when nobody answers; in a process of its own, as Dask's client runs an event loop."""
    line = [sys.executable, "-c", HURRIED, address, str(seconds)]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=True).stdout


def test_no_scheduler_and_no_worker(tmp_path: Path) -> None:
    """Both are told, with the way on; nothing waits for ever."""
    assert "is the scheduler running there?" in hurried("tcp://127.0.0.1:1", 1)
    assert "is the scheduler running there?" in hurried("nonsense", 1)
    with cluster(tmp_path / "dask") as dask:
        assert "it has no workers" in hurried(dask.address, 5)


def test_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    """The base install names the extra."""
    from secretguard.errors import ConfigError
    from secretguard.fleet import over_dask

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match="needs Dask"):
        list(over_dask.work([], "tcp://127.0.0.1:1"))
