"""The `broker` command's one error boundary: each way to end has its exit status, and a bug shows no values."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from broker import cli
from broker.errors import Refused


def ending(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    """The exit status of `broker probe`, where probe raises."""

    @click.command("probe")
    def probe() -> None:
        raise error

    module = type(sys)("broker_probe")
    module.probe = probe  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "broker_probe", module)
    monkeypatch.setitem(cli.COMMANDS, "probe", "broker_probe:probe")
    monkeypatch.setattr(sys, "argv", ["broker", "probe"])
    with pytest.raises(SystemExit) as leave:
        cli.main()
    return int(leave.value.code or 0)


def test_a_refusal_is_a_message_its_fix_and_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An expected error goes to standard error with its way on; standard output stays empty."""
    assert ending(monkeypatch, Refused("not this grant", "ask for ttl <= 60", rule="narrow-only")) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["broker: not this grant", "  ask for ttl <= 60"]


def test_a_missing_requirement_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A base install is told what to install; a missing module of our own is a bug all the same."""
    assert ending(monkeypatch, ModuleNotFoundError("no", name="fastapi")) == 2
    assert "secretguard[broker]" in capsys.readouterr().err
    with pytest.raises(ModuleNotFoundError):
        ending(monkeypatch, ModuleNotFoundError("no", name="broker.gone"))


def test_a_bug_ends_with_3_and_shows_no_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unexpected exception is named by its type; what it carried stays out of sight."""
    assert ending(monkeypatch, ValueError("hvs.made-up")) == 3
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "made-up" not in said


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control-C ends as it does everywhere."""
    assert ending(monkeypatch, click.Abort()) == 130


def test_an_unknown_command_is_a_usage_error() -> None:
    """A subcommand that does not exist ends with 2, in a real process."""
    done = subprocess.run(
        [sys.executable, "-m", "broker", "nonsense"], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 2
    assert "nonsense" in done.stderr
