"""The progress bar: only on a terminal, only for long work, gone afterwards."""

from __future__ import annotations

import pytest

from secretguard.report import progress as module


def test_a_bar_for_long_work_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short work and work in a pipe show no bar; long work on a terminal does, and takes it away."""
    started: list[int] = []

    class Bar:
        def update(self, *_: object, **__: object) -> None: ...

        def stop(self) -> None:
            started.append(-1)

    def start(total: int, noun: str) -> tuple[Bar, int]:
        assert noun == "files"
        started.append(total)
        return Bar(), 0

    monkeypatch.setattr(module, "_start", start)
    for terminal, seconds in ((False, 5.0), (True, 0.0), (True, 5.0)):
        monkeypatch.setattr(module.sys.stderr, "isatty", lambda terminal=terminal: terminal, raising=False)
        with module.Progress(7) as progress:
            progress._began -= seconds
            progress.advance(1, 10)
            progress.advance(1, 10)
    assert started == [7, -1]


def test_bar_is_made_by_rich() -> None:
    """The real bar can be started, updated and stopped."""
    bar, task = module._start(3, "commits")
    bar.update(task, completed=1, mib="1 MiB")
    bar.stop()
    assert bar.tasks[0].completed == 1
