"""What the command-line programs `secretguard` and `broker` share: lazy subcommands and one error boundary."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import NoReturn

import click

from secretguard.errors import INTERNAL, USAGE, SecretguardError


class LazyGroup(click.Group):
    """A click group over a table subcommand → `module:attribute`; a module is imported when its subcommand is called,
    so that `scan` does not pay for `gate`."""

    def __init__(self, *args: object, table: Mapping[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # click's own parameters, passed on as they are
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return sorted(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self.table:
            return None
        module, attribute = self.table[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


def run(command: click.Command, name: str, extra: str = "") -> NoReturn:
    """Run `command` and end the process: expected errors become one message and their exit code; anything else is a
    bug, code 3, whose name is told and whose values are not. `extra` is the distribution that a missing package of
    somebody else comes with; such a one is then an expected error."""
    try:
        status = command.main(standalone_mode=False)  # click hands back what `ctx.exit` was given
        sys.exit(status if isinstance(status, int) else 0)
    except SecretguardError as error:
        click.secho(f"{name}: {error}", err=True, fg="red")
        sys.exit(error.exit_code)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        _missing(error, name, extra)
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away: no traceback, as other Unix tools do
        sys.exit(141)
    except Exception as error:  # the boundary: name the bug, keep values out of sight
        _bug(error, name)


def _missing(error: ModuleNotFoundError, name: str, extra: str) -> NoReturn:
    if not extra:
        _bug(error, name)
    if (error.name or "").partition(".")[0] in ("broker", "secretguard"):
        raise error
    click.secho(f"{name}: the package {error.name} is not installed", err=True, fg="red")
    click.echo(f"  install `{extra}`", err=True)
    sys.exit(USAGE)


def _bug(error: Exception, name: str) -> NoReturn:
    click.secho(f"{name}: internal error: {type(error).__name__}", err=True, fg="red")
    if "--debug" in sys.argv or sys.flags.dev_mode:
        raise error
    click.echo(f"  run again with `python -X dev -m {name}` for the traceback, and report it", err=True)
    sys.exit(INTERNAL)
