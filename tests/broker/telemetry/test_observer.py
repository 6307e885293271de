"""What the pipeline tells of itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.revoke import revoke_lease
from broker.telemetry.observer import Observer
from broker.testing import Fault, MemorySource, memory_broker, task_policy
from tests.broker.scenario import DB, active_task, attempt, issue


class Heard:
    """Spans as they begin."""

    def __init__(self) -> None:
        self.names: list[tuple[str, dict[str, str]]] = []
        self.closed = False

    @contextlib.contextmanager
    def span(self, name: str, attributes: dict[str, str], server: bool = False) -> Iterator[dict[str, str | int]]:
        self.names.append((name, attributes))
        yield {}

    def close(self) -> None:
        self.closed = True


def test_the_steps_of_one_credentials_life(tmp_path: Path) -> None:
    """Each is a span and a number; the source's name is told where one is asked, and nothing else."""
    heard, source = Heard(), MemorySource()
    broker = memory_broker(str(tmp_path), {"work": task_policy(DB)}, {"memory": source})
    observer = Observer(spans=heard)
    object.__setattr__(broker, "observer", observer)
    revoke_lease(broker, issue(broker, active_task(broker)).lease.id)
    memory = {"broker.source": "memory"}
    steps = [("authorise", {}), ("intend", {}), ("issue", memory), ("release", {}), ("revoke", memory)]
    assert heard.names == steps
    for step, told in steps:
        labels = {"step": step, "source": told.get("broker.source", "")}
        assert observer.metrics.registry.get_sample_value("broker_pipeline_duration_seconds_count", labels) == 1
    observer.close()
    assert heard.closed


def test_a_failure_is_counted_and_passes_unchanged(tmp_path: Path) -> None:
    """The observer swallows nothing and changes nothing."""
    source = MemorySource()
    broker = memory_broker(str(tmp_path), {"work": task_policy(DB)}, {"memory": source})
    source.faults = [Fault.REFUSE]
    assert attempt(lambda: issue(broker, active_task(broker))) is not None
    labels = {"step": "issue", "source": "memory", "error": "SourceFailed"}
    assert broker.observer.metrics.registry.get_sample_value("broker_pipeline_failures_total", labels) == 1
    with pytest.raises(ZeroDivisionError), broker.observer.step("release"):
        raise ZeroDivisionError
