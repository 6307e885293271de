"""One home for the wrapper's tests: its pack is built once."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretguard.pack import open_engine
from tests.secretguard.wrapper.started import BEGUN


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Whatever a test that failed had started ends with it."""
    yield
    for process in BEGUN:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    BEGUN.clear()


@pytest.fixture(scope="session")
def wrapper_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose pack is built."""
    home = tmp_path_factory.mktemp("wrapper")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRETGUARD_HOME", str(home))
        open_engine()
    return home


@pytest.fixture(autouse=True)
def in_home(wrapper_home: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Each test has a state of its own, and the one pack; it works in `tmp_path`."""
    (own_home / "cache").symlink_to(wrapper_home / "cache")
    monkeypatch.chdir(tmp_path)
    for name in ("AI_AGENT", "CLAUDE_PROJECT_DIR", "CLAUDE_PID", "BROKER_TASK_ID"):
        monkeypatch.delenv(name, raising=False)
    return own_home
