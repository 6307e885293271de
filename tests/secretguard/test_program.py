"""What both programs share; each program's own endings are tested in its test_cli.py."""

from __future__ import annotations

import sys

import click
import pytest

from secretguard.program import LazyGroup, run


def test_a_subcommand_is_imported_when_it_is_called() -> None:
    """The list needs no import; a name that is not in the table is no command, whatever can be imported."""
    group = LazyGroup("probe", table={"b": "no_such_module:b", "a": "click:Command"})
    context = click.Context(group)
    assert group.list_commands(context) == ["a", "b"]
    assert group.get_command(context, "a") is click.Command
    assert group.get_command(context, "sys") is None
    with pytest.raises(ModuleNotFoundError):
        group.get_command(context, "b")


@pytest.mark.parametrize(("extra", "status", "said"), [("", 3, "internal error"), ("dist[more]", 2, "dist[more]")])
def test_a_missing_package_is_expected_where_an_extra_brings_it(
    extra: str, status: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With an extra it is a message with the fix, without one a bug."""

    @click.command()
    def probe() -> None:
        raise ModuleNotFoundError("no", name="fastapi")

    monkeypatch.setattr(sys, "argv", ["probe"])
    with pytest.raises(SystemExit) as leave:
        run(probe, "probe", extra)
    assert leave.value.code == status
    assert said in capsys.readouterr().err
