"""The `secretguard` command: one table of subcommands, each loaded only when it is called, and one error boundary."""

from __future__ import annotations

import importlib
import sys

import click

from secretguard.errors import INTERNAL, SecretguardError

COMMANDS = {
    "audit": "secretguard.commands.audit:audit",
    "baseline": "secretguard.commands.baseline:baseline",
    "doctor": "secretguard.commands.doctor:doctor",
    "gate": "secretguard.commands.gate:gate",
    "hook": "secretguard.commands.hook:hook",
    "install": "secretguard.commands.install:install",
    "policy": "secretguard.commands.policy:policy",
    "redact": "secretguard.commands.redact:redact",
    "rules": "secretguard.commands.rules:rules",
    "scan": "secretguard.commands.scan:scan",
    "status": "secretguard.commands.status:status",
    "uninstall": "secretguard.commands.uninstall:uninstall",
}
"""Subcommand → `module:attribute` of its click command."""


class LazyGroup(click.Group):
    """A click group that imports a subcommand's module when it is needed, so that `scan` does not pay for `gate`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
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
    """Keep secrets out of a coding agent's context, logs, commits and providers.

    Exit codes: 0 clean, 1 findings, 2 usage, configuration or guarded failure, 3 internal error.
    """


def main() -> None:
    """Console entry point: expected errors become one message and their exit code; anything else is a bug, code 3."""
    try:
        status = cli.main(standalone_mode=False)  # click hands back what `ctx.exit` was given
        sys.exit(status if isinstance(status, int) else 0)
    except SecretguardError as error:
        click.secho(f"secretguard: {error}", err=True, fg="red")
        sys.exit(error.exit_code)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away: no traceback, as other Unix tools do
        sys.exit(141)
    except Exception as error:  # the boundary: name the bug, keep values out of sight
        click.secho(f"secretguard: internal error: {type(error).__name__}", err=True, fg="red")
        if "--debug" in sys.argv or sys.flags.dev_mode:
            raise
        click.echo("  run again with `python -X dev -m secretguard` for the traceback, and report it", err=True)
        sys.exit(INTERNAL)


if __name__ == "__main__":
    main()
