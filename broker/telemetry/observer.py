"""The one thing that the pipeline tells what it does: numbers always, spans where traces are configured.

Neither changes what the pipeline does, and neither is told a secret: names of steps and sources, classes of errors.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Iterator
from typing import Protocol

from broker.telemetry.metrics import Metrics


class Spans(Protocol):
    """Where spans go; `broker/telemetry/traces.py` sends them to a collector."""

    def span(
        self, name: str, attributes: dict[str, str], server: bool = False
    ) -> contextlib.AbstractContextManager[dict[str, str | int]]:
        """A span around a block. What the block puts into the dictionary becomes attributes when it ends."""

    def close(self) -> None:
        """Send what there is, and no more."""


@dataclasses.dataclass(frozen=True, slots=True)
class Observer:
    """Metrics, and spans or None."""

    metrics: Metrics = dataclasses.field(default_factory=Metrics)
    spans: Spans | None = None

    @contextlib.contextmanager
    def step(self, name: str, source: str = "") -> Iterator[None]:
        """One step of the pipeline (`broker/pipeline.py`), around the block that does it."""
        begun, error = time.perf_counter(), ""
        told = {"broker.source": source} if source else {}
        with self.spans.span(name, told) if self.spans else contextlib.nullcontext():
            try:
                yield
            except Exception as fault:
                error = type(fault).__name__
                raise
            finally:
                self.metrics.step(name, source, time.perf_counter() - begun, error)

    def close(self) -> None:
        """End with the process."""
        if self.spans is not None:
            self.spans.close()
