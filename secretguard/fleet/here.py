"""Tasks on this machine, several at once."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from secretguard.fleet import processes
from secretguard.fleet.one import scan_one
from secretguard.fleet.task import Outcome, Task


def work(tasks: Sequence[Task], at_once: int) -> Generator[Outcome]:
    """Do `tasks`, `at_once` of them at a time; outcomes as they come. Closed or interrupted, it ends all that runs."""
    processes.go()
    with ThreadPoolExecutor(max(1, at_once)) as threads:
        futures = {threads.submit(scan_one, task) for task in tasks}
        try:
            for future in as_completed(futures):
                yield future.result()
                futures.discard(future)
        finally:
            for future in futures:
                future.cancel()
            processes.stop()
