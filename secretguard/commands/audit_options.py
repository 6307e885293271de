"""What the subcommands of `secretguard audit` share."""

import os
from pathlib import Path

import click

from secretguard.errors import ConfigError
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


def bytes_of(path: str, most: int) -> bytes:
    """What a file holds, one byte more than `most` at most. Raises ConfigError."""
    try:
        with open(path, "rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", "`secretguard audit pin` and `prove` write one") from None


def write_text(path: str, text: str) -> None:
    """Write ASCII `text` to a file. Raises ConfigError."""
    try:
        Path(path).write_text(text, "ascii")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
