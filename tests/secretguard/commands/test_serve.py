"""`secretguard serve`: start, status, stop."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from secretguard.commands.serve import serve
from secretguard.errors import SecretguardError
from secretguard.resident import start


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """Nothing goes on serving after a test."""
    yield
    start.stop()


def run(*options: str) -> Result:
    return CliRunner().invoke(serve, options)


def test_start_status_stop() -> None:
    """Each says what it did; twice is the same."""
    assert run("--status").exit_code == 1
    place = run().output.strip()
    assert run().output.strip() == place
    status = run("--status")
    assert status.exit_code == 0
    assert place in status.output
    told = json.loads(run("--status", "--format", "json").output)
    assert told["serves"] is True
    assert told["socket"] == place
    assert run("--stop").output.strip() == "stopped"
    assert run("--stop").output.strip() == "none served"
    assert json.loads(run("--status", "--format", "json").output)["serves"] is False


def test_in_the_foreground_it_ends_by_itself() -> None:
    """And says why."""
    done = run("--foreground", "--idle", "1")
    assert done.exit_code == 0
    assert "nobody needed it" in done.output


def test_a_second_one_is_refused() -> None:
    """With the way to the first."""
    run()
    assert isinstance(run("--foreground").exception, SecretguardError)
    assert "serves already" in str(run("--foreground").exception)


def test_two_things_at_once_are_refused() -> None:
    """It starts or it stops."""
    assert isinstance(run("--stop", "--status").exception, SecretguardError)
