"""The group of `secretguard`'s subcommands."""

import click

from secretguard.cli import COMMANDS
from secretguard.program import LazyGroup


@click.command(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="secretguard")
def cli() -> None:
    """Keep secrets out of a coding agent's context, logs, commits and providers.

    Exit codes: 0 clean, 1 findings, 2 usage, configuration or guarded failure, 3 internal error.
    """
