"""The `broker` command: one table of subcommands, each loaded only when it is called, and one error boundary."""

from __future__ import annotations

import importlib
import sys

import click

from secretguard.errors import INTERNAL, SecretguardError

COMMANDS = {
    "approvals": "broker.commands.approve:approvals",
    "approve": "broker.commands.approve:approve",
    "credential": "broker.commands.credential:credential",
    "dev": "broker.commands.dev:dev",
    "explain": "broker.commands.explain:explain",
    "kill": "broker.commands.revoke:kill",
    "leases": "broker.commands.revoke:leases",
    "log": "broker.commands.log:log",
    "revoke": "broker.commands.revoke:revoke",
    "run": "broker.commands.run:run",
    "serve": "broker.commands.serve:serve",
    "task": "broker.commands.task:task",
    "vault": "broker.commands.vault:vault",
}
"""Subcommand → `module:attribute` of its click command."""


class LazyGroup(click.Group):
    """A click group that imports a subcommand's module when it is needed: most of them need no database."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="secretguard")
def cli() -> None:
    """Short-lived credentials for one task at a time, recorded before they exist and taken back when it ends.

    Exit codes: 0 done, 1 waiting for a person or not everything revoked, 2 usage, configuration or refusal, 3 internal
    error. `log verify` has its own.
    """


def main() -> None:
    """Console entry point: expected errors become one message and their exit code; anything else is a bug, code 3."""
    try:
        cli.main(standalone_mode=False)
    except SecretguardError as error:
        click.secho(f"broker: {error}", err=True, fg="red")
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
        if (error.name or "").partition(".")[0] in ("broker", "secretguard"):
            raise
        click.secho(f"broker: the package {error.name} is not installed", err=True, fg="red")
        click.echo("  install `secretguard[broker]`", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except Exception as error:  # the boundary: name the bug, keep values out of sight
        click.secho(f"broker: internal error: {type(error).__name__}", err=True, fg="red")
        if "--debug" in sys.argv or sys.flags.dev_mode:
            raise
        click.echo("  run again with `python -X dev -m broker` for the traceback, and report it", err=True)
        sys.exit(INTERNAL)


if __name__ == "__main__":
    main()
