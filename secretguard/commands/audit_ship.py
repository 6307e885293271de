"""`secretguard audit ship`: the journal to a log server, batch by batch, for as long as it is wanted."""

from __future__ import annotations

import os

import click

from secretguard.audit.ship.journal import JournalSource
from secretguard.audit.ship.run import OPTIONS, run
from secretguard.commands.audit_options import journal_of, journal_option


@click.command()
@journal_option
def ship(directory: str | None, **options: object) -> None:
    """Send the journal as OCSF 1.9 events to a receiver, from where it got to.

    \b
    --to file:PATH                       a file
         syslog+tls://HOST:PORT          syslog, RFC 5424 over TLS
         otlp+https://HOST:PORT          OpenTelemetry logs; otlp: takes OTEL_EXPORTER_OTLP_*
         NAME                            a section of ship.toml in the configuration folder

    The cursor moves only after the receiver took a batch: each record arrives at least once, in order, and one that
    comes again has the same `metadata.uid`. It only reads the journal: nothing waits for the receiver.
    """
    folder = journal_of(directory)
    run(JournalSource(folder), os.path.realpath(folder), **options)  # type: ignore[arg-type]  # click's own types


for option in OPTIONS:
    ship = option(ship)
