"""`secretguard run -- CMD`: a program with its output redacted, everything else as it is without us."""

from __future__ import annotations

import click

from secretguard.wrapper import relay
from secretguard.wrapper.view import View, of_person

_UNPARSED = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command(context_settings=_UNPARSED)
@click.option("--project", type=click.Path(file_okay=False), default=".", help="Folder whose placeholders are used.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(command: tuple[str, ...], project: str) -> None:
    """Run COMMAND; every secret that it prints is replaced by its placeholder. Its exit status is kept.

    Standard output and error are redacted each for itself. Where that is not possible, what it prints is withheld,
    which is said, and it runs all the same. The program sees a pipe where a terminal is.
    """

    def view() -> View:
        return of_person(project)

    relay.run(list(command), view)
