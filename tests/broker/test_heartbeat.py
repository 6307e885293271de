"""The heartbeat: a silent session's task ends, a living one's does not, and silence that nobody could hear is none."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker import heartbeat, pipeline, recover
from broker.heartbeat import DEAF_SECONDS, LEAST_SECONDS, MOST_SECONDS, Listener, watch
from broker.service import Broker
from broker.store.database import open_database
from broker.store.rows import find_task
from broker.task import Task, TaskState
from broker.testing import FaultyDatabase, ManualClock, MemorySource, memory_broker, task_policy
from tests.broker.sandbox.dev_broker import Runner, alive, dev_broker, eventually, marker
from tests.broker.scenario import ADA, DB, THUMBPRINT, attempt, issue, recorded
from tests.broker.stores import KINDS, fresh_url

LOST = "lost heartbeat"


class World:
    """A broker on a clock of the test's, its listener, and a task with a heartbeat."""

    def __init__(self, url: str) -> None:
        self.clock, self.source = ManualClock(), MemorySource()
        self.database = FaultyDatabase(open_database(url).engine)
        policies = {"work": task_policy(DB)}
        self.broker: Broker = memory_broker(
            "", policies, {"memory": self.source}, clock=self.clock, database=self.database
        )
        self.listener = self.another()

    def another(self) -> Listener:
        """The listener of a broker that starts now."""
        return Listener(self.database, self.clock, self.broker.wake)

    def task(self, seconds: int) -> str:
        """A task activated with this heartbeat; its id."""
        started = pipeline.start_task(self.broker, ADA, "work", "a test", None)
        pipeline.activate(self.broker, started.task.id, started.bootstrap, THUMBPRINT, seconds)
        return started.task.id

    def now(self, task_id: str) -> Task:
        with self.database.read() as tx:
            return find_task(tx, task_id)

    def call(self, task_id: str) -> None:
        """What an authenticated call of the session does besides."""
        heartbeat.beat(self.database, self.now(task_id), int(self.clock()))

    def passing(self, seconds: int, listener: Listener | None = None) -> int:
        """Let time pass with a look each second; how many tasks it ended."""
        ended = 0
        for _ in range(seconds):
            self.clock.advance(1)
            ended += (listener or self.listener).look()
        return ended


@pytest.fixture
def world(tmp_path: Path) -> World:
    """On SQLite."""
    return World(fresh_url("sqlite", tmp_path, None))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_silence_ends_the_task_and_what_it_holds(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """On each store: recorded with its reason, nothing is issued from then on, and the woken recovery revokes."""
    world = World(fresh_url(kind, tmp_path, request))
    task_id = world.task(10)
    issue(world.broker, world.now(task_id))
    assert world.passing(11) == 0
    assert world.passing(2) == 1
    assert [(one["reason"], one["by"]) for one in recorded(world.broker, "broker:task:ended")] == [(LOST, "broker")]
    assert attempt(lambda: issue(world.broker, world.now(task_id), "key-0002"))
    assert world.broker.wake.is_set()
    recover.recover(world.broker)
    assert world.source.alive == {}
    assert world.passing(20) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_calls_keep_a_task_alive(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """On each store, for far longer than the heartbeat, with few writes: one a fifth of it."""
    world = World(fresh_url(kind, tmp_path, request))
    task_id = world.task(10)
    before = world.database.writes
    for _ in range(60):
        world.call(task_id)
        assert world.passing(1) == 0
    assert world.now(task_id).state is TaskState.ACTIVE
    assert world.database.writes - before == 29  # every other second; activation was the first


@given(seconds=st.integers(LEAST_SECONDS, MOST_SECONDS), calls=st.lists(st.integers(0, 80), max_size=8))
def test_no_sooner_than_its_heartbeat_and_not_much_later(seconds: int, calls: list[int]) -> None:
    """Whenever the calls come: given up after `seconds` of silence, and within a fifth and two seconds more."""
    now = last = 1_000
    row = heartbeat.heard(seconds, now)
    for pause in calls:
        now += min(pause, seconds)
        last = now
        if now - row["heard_at"] >= max(1, seconds // 5):
            row = heartbeat.heard(seconds, now)
    assert seconds < row["silent_at"] - last + 1 <= seconds + seconds // 5 + 2


def test_without_a_heartbeat_nothing_is_expected(world: World) -> None:
    """A task that did not ask for it is silent until its deadline, and its calls write nothing."""
    task_id = world.task(0)
    before = world.database.writes
    assert world.passing(400) == 0
    world.call(task_id)
    assert (world.now(task_id).state, world.database.writes) == (TaskState.ACTIVE, before)


def test_a_task_that_ended_is_not_ended_again(world: World) -> None:
    """Ended and killed tasks stay what they are, and a session that goes on calling writes nothing."""
    ids = [world.task(5) for _ in range(2)]
    for task_id, state in zip(ids, (TaskState.ENDED, TaskState.KILLED), strict=True):
        assert world.broker.tasks.over(task_id, state, "test", "done")
    before = world.database.writes
    assert world.passing(30) == 0
    for task_id in ids:
        world.call(task_id)
    assert [world.now(task_id).state for task_id in ids] == [TaskState.ENDED, TaskState.KILLED]
    assert world.database.writes == before


def test_a_broker_that_was_down_blames_nobody(world: World) -> None:
    """After a restart every supervisor has its whole heartbeat to be heard; who is silent then is lost."""
    quiet, living = world.task(10), world.task(10)
    world.clock.advance(3000)
    fresh = world.another()
    assert world.passing(5, fresh) == 0
    world.call(living)
    assert world.passing(6, fresh) == 1
    assert [world.now(one).state for one in (quiet, living)] == [TaskState.ENDED, TaskState.ACTIVE]


@pytest.mark.parametrize("jump", [DEAF_SECONDS + 1, 3000, -3000])
def test_a_broker_that_slept_blames_nobody(jump: int, world: World) -> None:
    """A suspended machine, a stopped process or a clock that was set: the silence meanwhile counts for nothing."""
    task_id = world.task(5)
    assert world.passing(4) == 0
    world.clock.advance(jump)
    assert world.listener.look() == 0
    world.call(task_id)
    assert world.passing(5) == 0
    assert world.passing(3) == 1


def test_a_store_that_was_down_blames_nobody(world: World) -> None:
    """Signs of life that could not be written do not count as silence, and a call that brings one does not fail."""
    task_id = world.task(5)
    world.passing(6)
    world.database.refuse_all = True
    for _ in range(30):
        world.clock.advance(1)
        world.call(task_id)
        attempt(world.listener.look)
    world.database.refuse_all = False
    assert world.passing(4) == 0
    world.call(task_id)
    assert world.passing(5) == 0


def test_a_call_at_the_last_moment_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign of life between the look and the end of the task saves it."""
    task_id = world.task(5)
    world.passing(5)
    found = Listener._found

    def late(listener: Listener, now: int) -> list[str]:
        due = found(listener, now)
        world.call(task_id)
        return due

    monkeypatch.setattr(Listener, "_found", late)
    assert world.passing(5) == 0
    assert world.now(task_id).state is TaskState.ACTIVE


@pytest.fixture
def runner(tmp_path: Path, part: Callable[[str], Path]) -> Iterator[Runner]:
    part("bwrap")
    with (
        tempfile.TemporaryDirectory(prefix="run-test-", dir="/tmp") as temporary,
        dev_broker(tmp_path) as endpoint,
        Runner(tmp_path, endpoint, Path(temporary)) as made,
    ):
        yield made


def silence(seconds: int) -> str:
    """Has `broker run` ask for this heartbeat instead of its own."""
    return f"from broker.sandbox import supervisor as s\ns.SILENCE_SECONDS = {seconds}"


def forks(pid: int) -> list[int]:
    """Children of `pid` that are copies of it: the watcher, which runs no program of its own."""
    own = Path(f"/proc/{pid}/cmdline").read_bytes()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in children if Path(f"/proc/{one}/cmdline").read_bytes() == own]


@pytest.mark.sandbox
def test_kill_9_of_supervisor_and_watcher_ends_everything(runner: Runner) -> None:
    """Nobody is left at the sandbox's side to say so: the broker itself notices, ends the task and revokes."""
    mark = marker()
    command = f"broker credential identity >/dev/null && echo started && sleep {mark}"
    process = runner.start("--", "sh", "-c", command, prelude=silence(LEAST_SECONDS))
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n", process.communicate(timeout=30)[1]
    watchers = forks(process.pid)
    assert len(watchers) == 1
    os.kill(process.pid, signal.SIGSTOP)  # so that neither sees the other die
    os.kill(watchers[0], signal.SIGKILL)
    process.kill()
    _, err = process.communicate(timeout=60)
    assert "ended by the watcher" not in err
    eventually(lambda: alive(mark) == 0, "the sandbox died with its supervisor")
    eventually(lambda: runner.task()["state"] == "ended", "the broker noticed")
    eventually(lambda: _lease_states(runner) == ["revoked"], "the lease is closed")
    store = f"file:{runner.workspace.parent / 'dev' / 'broker.db'}?mode=ro"
    with contextlib.closing(sqlite3.connect(store, uri=True)) as database:
        ended = database.execute("SELECT payload FROM events WHERE event = 'broker:task:ended'").fetchall()
    assert [json.loads(payload)["reason"] for (payload,) in ended] == [LOST]


@pytest.mark.sandbox
def test_a_silent_command_is_not_a_silent_supervisor(runner: Runner) -> None:
    """A command that asks for nothing for longer than the heartbeat goes on: its supervisor speaks for it."""
    done = runner.run("--", "sh", "-c", "sleep 13; echo through", prelude=silence(8))
    assert (done.returncode, done.stdout) == (0, "through\n"), done.stderr


def _lease_states(runner: Runner) -> list[str]:
    leases = runner.task()["leases"]
    assert isinstance(leases, list)
    return [str(lease["state"]) for lease in leases]


def test_no_fault_ends_listening() -> None:
    """Whatever one look meets, the next one is taken."""
    stop, looks = threading.Event(), []

    class Failing:
        def look(self) -> int:
            looks.append(1)
            if len(looks) == 2:
                stop.set()
            raise ZeroDivisionError

    watch(Failing(), stop)  # type: ignore[arg-type]
    assert len(looks) == 2
