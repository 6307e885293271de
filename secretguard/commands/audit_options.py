"""What the subcommands of `secretguard audit` share."""

import os

import click

from secretguard.places import state_dir

journal_option = click.option(
    "--journal",
    "directory",
    type=click.Path(file_okay=False),
    help="The journal's folder; this user's own by default.",
)
format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")


def journal_of(directory: str | None) -> str:
    """The folder that was named, or this user's own."""
    return directory or os.path.join(state_dir(), "audit")


def styled(text: str, colour: str) -> str:
    """`text` in a colour or bold; `click.echo` takes it off where the output is no terminal."""
    return click.style(text, bold=True) if colour == "bold" else click.style(text, fg=colour) if colour else text
