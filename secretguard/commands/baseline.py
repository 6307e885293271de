"""`secretguard baseline`: which findings a person has accepted, in the format of detect-secrets."""

from __future__ import annotations

import click

from secretguard.program import LazyGroup

COMMANDS = {
    "accept": "secretguard.commands.baseline_accept:accept",
    "create": "secretguard.commands.baseline_write:create",
    "merge": "secretguard.commands.baseline_merge:merge",
    "review": "secretguard.commands.baseline_review:review",
    "update": "secretguard.commands.baseline_write:update",
}
"""Subcommand → `module:attribute` of its click command."""


@click.command(cls=LazyGroup, table=COMMANDS)
def baseline() -> None:
    """Accept findings in a baseline file, which `scan --baseline FILE` honours."""
