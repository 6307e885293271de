"""`broker run`: one task, one sandboxed command, everything taken back at the end, whatever the end is.

1 watch       fork the watcher, which ends the task if this process is killed
2 begin       start and activate the task; the session key stays in this process
3 record      the journal says that the command starts
4 run         serve task.sock, start the command, wait for its end, a signal, the deadline or the broker's word
5 stop        nothing of the sandbox is left, no more requests are taken
6 record      the journal says how it ended
7 take back   end the task at the broker until confirmed; the receipt
"""

from __future__ import annotations

import ctypes
import dataclasses
import os
import resource
import selectors
import shutil
import time
from collections.abc import Callable

from broker.client import BrokerClient, Session, StartedTask
from broker.errors import BrokerError, NotFound, Unauthenticated
from broker.receipt import Receipt
from broker.sandbox.ending import TIMED_OUT, Bell, Ender, Heartbeat, end_task, unsettled
from broker.sandbox.plan import Plan, make_plan, private_directory
from broker.sandbox.running import Running, Tier, clear_descendants, is_below
from broker.sandbox.task_socket import TaskSocket
from broker.sandbox.watcher import Watcher, watch
from secretguard.errors import USAGE, SecretguardError

TAKE_BACK_SECONDS = 60.0
"""How long the supervisor goes on trying to end its task before it leaves that to the watcher."""

WATCHER_SECONDS = 600.0
HEARTBEAT_SECONDS = 2.0
SILENCE_SECONDS = 30
"""After how much silence the broker ends the task by itself: where this process and its watcher were killed together,
nobody else does before the deadline."""

_PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 4, 36


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """What was asked for. `timeout` is in seconds, None for the task's own deadline; `private` are host paths that
    must not be visible inside (the launcher's socket); `repository` and `branch` are where it is said to work."""

    policy: str
    purpose: str
    command: tuple[str, ...]
    workspace: str
    readable: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    timeout: float | None = None
    repository: str = ""
    branch: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is the exit status to hand on; `why` the reason of the end; `receipt` None where the broker did not
    answer; `problem` names what is not certain to be taken back, else ""."""

    task_id: str
    status: int
    why: str
    receipt: Receipt | None
    problem: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Surroundings:
    """The edges: how to reach the broker (called anew in the watcher), which tier, whom to tell."""

    connect: Callable[[], BrokerClient]
    tier: Tier
    say: Callable[[str], None]


def supervise(order: Order, around: Surroundings) -> Outcome:
    """Do it. To be called once in a process of its own, by the main thread, before any other thread is started.

    Raises SecretguardError where the command was not started; what had been begun has then been taken back.
    """
    _harden()
    plan = make_plan(order.command, order.workspace, "", "", readable=order.readable, private=order.private)
    bell = Bell()
    watcher = watch(lambda task_id: _finish_for(around, task_id))  # 1 watch
    bell.on_signals()
    scratch = private_directory("broker-run-")
    watcher.scratch(scratch)
    try:
        with around.connect() as broker:
            started = broker.start_task(  # 2 begin
                order.policy, order.purpose, repository=order.repository, branch=order.branch
            )
            watcher.task(started.task_id)
            plan = dataclasses.replace(
                plan, task_id=started.task_id, scratch=scratch, task_socket=_socket_path(scratch)
            )
            return _with_task(broker, started, plan, order, around, bell, watcher)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        watcher.close()


def _with_task(
    broker: BrokerClient,
    started: StartedTask,
    plan: Plan,
    order: Order,
    around: Surroundings,
    bell: Bell,
    watcher: Watcher,
) -> Outcome:
    status, why, unrecorded = USAGE, "the command was not started", ""
    ender: Ender = broker
    try:
        session = broker.activate(started.task_id, started.bootstrap, SILENCE_SECONDS)
        ender = _SessionFirst(session, broker)
        session.event("sandbox:command:started", _described(plan, around.tier))  # 3 record
        try:
            status, why = _run(session, plan, around.tier, bell, _deadline(order, started))  # 4 run, 5 stop
        finally:
            clear_descendants(os.getpid(), 5.0, spare=frozenset({watcher.pid}))
            unrecorded = _record_end(session, plan, around.tier, status, why)  # 6 record
    finally:
        receipt, failure = end_task(ender, started.task_id, TAKE_BACK_SECONDS)  # 7 take back
        if receipt is not None and not failure and not unsettled(receipt):
            watcher.done()
    problem = _problem(receipt, failure) or unrecorded
    return Outcome(started.task_id, status or (USAGE if problem else 0), why, receipt, problem)


@dataclasses.dataclass(frozen=True, slots=True)
class _SessionFirst:
    """Ends the task by its session, which lives as long as the task; the launcher's own token may have expired."""

    session: Session
    launcher: BrokerClient

    def end(self, task_id: str) -> Receipt:
        try:
            return self.session.end()
        except (NotFound, Unauthenticated):
            return self.launcher.end(task_id)


def _run(session: Session, plan: Plan, tier: Tier, bell: Bell, ends_at: float) -> tuple[int, str]:
    """Exit status and reason of the end; nothing runs any more when it returns."""
    if bell.why:
        return bell.status, bell.why
    os.mkdir(os.path.dirname(plan.task_socket), 0o700)
    offered = TaskSocket(plan.task_socket, session, lambda pid: is_below(pid, os.getpid()))
    heartbeat = Heartbeat(session, bell, HEARTBEAT_SECONDS)
    try:
        running = tier.start(plan)
        try:
            return _wait(running, bell, ends_at)
        finally:
            running.stop()
    finally:
        heartbeat.stop()
        offered.close()


def _wait(running: Running, bell: Bell, ends_at: float) -> tuple[int, str]:
    """Wait for the command, the bell or the deadline, whichever is first."""
    with selectors.DefaultSelector() as selector:
        process = os.pidfd_open(running.process.pid)
        try:
            selector.register(process, selectors.EVENT_READ)
            selector.register(bell, selectors.EVENT_READ)
            ready = selector.select(max(ends_at - time.monotonic(), 0.0))
        finally:
            os.close(process)
    if any(key.fd == process for key, _ in ready):
        code = running.process.wait()
        return (code if code >= 0 else 128 - code), "it ended"
    if bell.why:
        return bell.status, bell.why
    return TIMED_OUT, "its time was over"


def _deadline(order: Order, started: StartedTask) -> float:
    """When to stop, on the monotonic clock: the order's timeout or the task's own deadline, the earlier."""
    left = started.expires_at - time.time()
    return time.monotonic() + (left if order.timeout is None else min(order.timeout, left))


def _described(plan: Plan, tier: Tier) -> dict[str, str | int | bool]:
    """The command is named by its program alone: arguments may hold what does not belong into a record."""
    return {
        "tier": tier.name,
        "program": os.path.basename(plan.command[0])[:100],
        "workspace": plan.workspace,
        "readable": ":".join(plan.readable),
    }


def _record_end(session: Session, plan: Plan, tier: Tier, status: int, why: str) -> str:
    try:
        session.event("sandbox:command:ended", {**_described(plan, tier), "status": status, "why": why})
    except BrokerError as error:  # taking back must not depend on it
        return f"how the command ended could not be recorded: {error.message}"
    return ""


def _problem(receipt: Receipt | None, failure: str) -> str:
    if receipt is None or failure:
        return f"the broker did not confirm that the task has ended: {failure}"
    return "revocations are still under way" if unsettled(receipt) else ""


def _finish_for(around: Surroundings, task_id: str) -> None:
    """In the watcher: the supervisor is gone, or gave up."""
    try:
        with around.connect() as broker:
            problem = _problem(*end_task(broker, task_id, WATCHER_SECONDS))
    except SecretguardError as error:  # the launcher's token file is gone, for one
        around.say(f"task {task_id} could not be ended by the watcher: {error.message}")
        return
    around.say(f"task {task_id} was ended by the watcher" + (f"; {problem}" if problem else ", all is taken back"))


def _socket_path(scratch: str) -> str:
    return os.path.join(scratch, "task", "task.sock")


def _harden() -> None:
    """No core file, no reading of this process by others of this user, and its orphans come to it, not to init."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((_PR_SET_DUMPABLE, 0), (_PR_SET_CHILD_SUBREAPER, 1)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise BrokerError(f"the supervisor could not protect itself: {os.strerror(ctypes.get_errno())}")
