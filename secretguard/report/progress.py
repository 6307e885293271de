"""A progress bar on standard error, where that is a terminal and the work takes longer than a second."""

from __future__ import annotations

import sys
import time
from typing import Any

PATIENCE = 1.0
"""Seconds before a bar is shown."""


class Progress:
    """A context manager; `advance` says that more is done. `noun` is what is counted. rich is loaded for a bar."""

    def __init__(self, total: int, noun: str = "files") -> None:
        self._total, self._done, self._bytes, self._noun = total, 0, 0, noun
        self._began = time.monotonic()
        self._bar: Any = None
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, done: int, bytes_done: int) -> None:
        """Some more items and bytes are done."""
        self._done += done
        self._bytes += bytes_done
        if self._bar is None and self._terminal and time.monotonic() - self._began > PATIENCE:
            self._bar, self._task = _start(self._total, self._noun)
        if self._bar is not None:
            mib = self._bytes / 1048576
            rate = mib / (time.monotonic() - self._began)
            self._bar.update(self._task, completed=self._done, mib=f"{mib:.0f} MiB, {rate:.0f} MiB/s")


def _start(total: int, noun: str) -> tuple[Any, Any]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(noun),
        TextColumn("{task.fields[mib]}"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.start()
    return bar, bar.add_task("scan", total=total, mib="0 MiB")
