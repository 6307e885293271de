"""What every test gets: a home of its own, and the real programs it asks for by name."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from scripts import parts

settings.register_profile("house", deadline=None)  # a busy machine fails no test: nothing here is timed
settings.load_profile("house")

# What a script starts with `&` ignores interrupts, and so do its children; ours are interrupted by the tests.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

if Path(__file__).with_name("servers").joinpath("fixtures.py").exists():
    pytest_plugins = ["tests.servers.fixtures"]

MISSING: dict[str, str] = {}
"""Part → why this run does not have it, as the tests find out."""


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the files of the person who runs it; returns the folder that stands in for them."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SECRETGUARD_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def lacking() -> Callable[[str, str], NoReturn]:
    """`lacking("vault", "why")` skips the test, fails it where CI=true, and is named at the end of the run."""

    def end(name: str, reason: str) -> NoReturn:
        MISSING[name] = reason
        if strict():
            pytest.fail(f"part {name} is missing ({reason}) and CI=true allows no gaps")
        pytest.skip(f"part {name} is missing ({reason})")

    return end


@pytest.fixture(scope="session")
def part(lacking: Callable[[str, str], NoReturn]) -> Callable[[str], Path]:
    """`part("vault")` is the real program. Without it the test is skipped, and fails where CI=true."""

    def find(name: str) -> Path:
        try:
            found = parts.find(name)
        except parts.PartMissing as problem:
            lacking(name, str(problem))
        return found or lacking(name, "not installed: make parts")

    return find


def strict() -> bool:
    """Whether a missing part fails the run instead of skipping its tests."""
    return os.environ.get("CI", "").lower() in ("true", "1")


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Name the missing parts in one loud line at the end: their tests did not run."""
    yield
    if MISSING:
        line = "PARTS MISSING, their tests did not run: "
        line += "; ".join(f"{name} ({reason})" for name, reason in sorted(MISSING.items()))
        terminalreporter.write_line(line, red=True, bold=True)
