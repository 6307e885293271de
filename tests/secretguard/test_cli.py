"""The command's one error boundary: each way to end has its exit status, and a bug shows no values."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from secretguard import cli
from secretguard.errors import ConfigError


def ending(monkeypatch: pytest.MonkeyPatch, callback: object) -> int:
    """The exit status of `secretguard probe`, where probe does what `callback` does."""
    module = type(sys)("secretguard_probe")
    module.probe = click.command("probe")(click.pass_context(callback))  # type: ignore[arg-type, attr-defined]
    monkeypatch.setitem(sys.modules, "secretguard_probe", module)
    monkeypatch.setitem(cli.COMMANDS, "probe", "secretguard_probe:probe")
    monkeypatch.setattr(sys, "argv", ["secretguard", "probe"])
    with pytest.raises(SystemExit) as leave:
        cli.main()
    return int(leave.value.code or 0)


def raising(error: BaseException) -> object:
    """A callback that raises."""

    def callback(_: click.Context) -> None:
        raise error

    return callback


def test_a_command_that_returns_ends_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing said is success."""
    assert ending(monkeypatch, lambda ctx: None) == 0


@pytest.mark.parametrize("status", [0, 1, 2])
def test_the_status_that_a_command_asks_for_is_the_exit_status(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """`ctx.exit` and `sys.exit` both end the process with their number."""
    assert ending(monkeypatch, lambda ctx: ctx.exit(status)) == status
    assert ending(monkeypatch, lambda ctx: sys.exit(status)) == status


def test_an_expected_error_is_a_message_and_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A ConfigError ends with 2, its message and its fix on standard error, nothing on standard output."""
    assert ending(monkeypatch, raising(ConfigError("a.toml:3: wrong", "write it so"))) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["secretguard: a.toml:3: wrong", "  write it so"]


def test_a_bug_ends_with_3_and_shows_no_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unexpected exception is named by its type; what it carried stays out of sight."""
    assert ending(monkeypatch, raising(ValueError("hunter2"))) == 3
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "hunter2" not in said


def test_interrupts_and_closed_pipes_end_as_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control-C ends with 130; a reader that goes away ends a real process quietly."""
    assert ending(monkeypatch, raising(click.Abort())) == 130
    command = f"{sys.executable} -m secretguard rules list | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subcommand that does not exist ends with 2."""
    monkeypatch.setattr(sys, "argv", ["secretguard", "nonsense"])
    with pytest.raises(SystemExit) as leave:
        cli.main()
    assert leave.value.code == 2


def test_help_does_not_run_into_a_subcommand_s_requirements(tmp_path: Path) -> None:
    """`secretguard --version` imports no subcommand: it stays quick, and works where one is broken."""
    code = "import sys; sys.argv = ['secretguard', '--version']\nfrom secretguard import cli\n"
    code += "try:\n    cli.main()\nexcept SystemExit: pass\n"
    code += "print([name for name in sys.modules if name.startswith('secretguard.commands.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.splitlines()[-1] == "[]"
