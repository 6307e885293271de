"""`secretguard audit export` and `events`: the record for other systems, and the list of what it can say."""

from __future__ import annotations

import json
import sys

import click

from secretguard.audit.reference import markdown
from secretguard.audit.ship.journal import JournalSource
from secretguard.audit.ship.run import export as write
from secretguard.audit.vocabulary import EVENTS
from secretguard.commands.audit_options import format_option, journal_of, journal_option


@click.command()
@journal_option
@click.option("--format", "form", type=click.Choice(["ocsf"]), default="ocsf", show_default=True)
@click.option("--cursor", type=click.Path(dir_okay=False), help="Where the last run got to; made when it is missing.")
@click.option("--output", "-o", type=click.Path(dir_okay=False), help="Append to this file, not to standard output.")
def export(directory: str | None, form: str, cursor: str | None, output: str | None) -> None:
    """The journal as OCSF 1.9 events, one JSON document a line.

    With --cursor it goes on where the last run ended. A run that is killed loses nothing: into a file each record comes
    once, to standard output it may come twice with the same `metadata.uid`.
    """
    del form
    try:
        write(JournalSource(journal_of(directory)), output, cursor)
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away; the cursor stays behind, nothing is lost
        sys.exit(2)


@click.command()
@format_option
@click.option("--markdown", "page", is_flag=True, help="As the page docs/reference/events.md.")
def events(form: str, page: bool) -> None:
    """Every event that can be recorded, its durability, what it says."""
    if page:
        click.echo(markdown(), nl=False)
    elif form == "json":
        click.echo(json.dumps({name: {"durability": kind, "says": says} for name, (kind, says) in EVENTS.items()}))
    else:
        for name, (kind, says) in EVENTS.items():
            click.echo(f"{name:<27} {kind:<9} {says}")
