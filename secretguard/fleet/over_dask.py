"""Tasks on other machines, under Dask: the same function, on whichever worker is free (extra `fleet`).

A worker that dies loses nothing: the scheduler gives its task to another one. Workers need secretguard of the same
version, and see local paths only where a file system is shared. Dask's own configuration says how it is protected on
the wire (`tls://`); without that whoever reaches the scheduler can run code on the workers.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import CancelledError
from importlib import import_module
from typing import Any

from secretguard.errors import ConfigError, GuardError
from secretguard.fleet.one import scan_one
from secretguard.fleet.task import Outcome, Task

PATIENCE = 30.0
"""Seconds to wait for the scheduler, and for its first worker."""

RETRIES = 2
"""How often a task is done again that failed by an exception of the machinery; a dead worker is not counted here."""

AHEAD = 4
"""Tasks that are handed over for each thread of a worker."""


def work(tasks: Sequence[Task], scheduler: str) -> Generator[Outcome]:
    """Do `tasks` on the workers of `scheduler`; outcomes as they come.

    Raises ConfigError where there is no Dask, scheduler or worker, GuardError where the scheduler or all workers are
    lost in the middle: what was done by then has been yielded.
    """
    try:
        distributed: Any = import_module("distributed")  # which has no types
    except ImportError:
        raise ConfigError("--scheduler needs Dask", "pip install 'secretguard[fleet]'") from None
    if not tasks:
        return
    try:
        client = distributed.Client(scheduler, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"--scheduler {scheduler}: {type(error).__name__}", "is the scheduler running there?"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise ConfigError(f"--scheduler {scheduler}: it has no workers", f"dask worker {scheduler}") from None
        at_once = AHEAD * max(1, sum(client.nthreads().values()))
        left = list(reversed(tasks))
        running: dict[Any, Task] = {}
        while left or running:
            while left and len(running) < at_once:
                task = left.pop()
                running[client.submit(scan_one, task, pure=False, retries=RETRIES)] = task
            try:
                done = distributed.wait(list(running), timeout=_patience(tasks), return_when="FIRST_COMPLETED").done
            except TimeoutError:
                raise GuardError("no worker answers any more", "start workers, and run it again to go on") from None
            for future in done:
                yield _outcome(future, running.pop(future))


def _patience(tasks: Sequence[Task]) -> float:
    """Seconds in which one of the tasks must come back: as long as one may take, and some for the way."""
    return max(task.deadline for task in tasks) + PATIENCE


def _outcome(future: Any, task: Task) -> Outcome:
    """What a finished future holds. What goes wrong on the way is told by its kind alone: its words may hold values."""
    try:
        error = future.exception()
        outcome: Outcome = future.result() if error is None else Outcome(task.target, error=_reason(error))
        return outcome
    except CancelledError:
        raise GuardError("the scheduler was lost", "run it again to go on where it stopped") from None


def _reason(error: BaseException) -> str:
    if type(error).__name__ == "KilledWorker":
        return "every worker that tried it died"
    return f"the worker failed: {type(error).__name__}"
