"""`broker log export` and `broker log ship`: the broker's record for other systems, as OCSF 1.9 events."""

from __future__ import annotations

from pathlib import Path

import click

from broker.commands.log_place import opened, place_options
from broker.log.shipping import LogSource
from secretguard.audit.ship.run import OPTIONS, run
from secretguard.audit.ship.run import export as write


@click.command()
@click.option("--cursor", type=click.Path(dir_okay=False), help="Where the last run got to; made when it is missing.")
@click.option("--output", "-o", type=click.Path(dir_okay=False), help="Append to this file, not to standard output.")
@place_options[0]
@place_options[1]
def export(cursor: str | None, output: str | None, config: Path | None, state: str) -> None:
    """The numbered records as OCSF 1.9 events, one JSON document a line.

    With --cursor it goes on where the last run ended.
    """
    database, _ = opened(config, state)
    try:
        write(LogSource(database), output, cursor)
    finally:
        database.close()


@click.command()
@place_options[0]
@place_options[1]
def ship(config: Path | None, state: str, **options: object) -> None:
    """Send the numbered records to a receiver, from where it got to; see `secretguard audit ship` for --to.

    The cursor moves only after the receiver took a batch: each record arrives at least once, in the order of the log,
    and one that comes again has the same `metadata.uid`. It only reads the store: the broker waits for nobody.
    """
    database, _ = opened(config, state)
    try:
        name = f"broker:{database.engine.url.render_as_string(hide_password=True)}"
        run(LogSource(database), name, **options)  # type: ignore[arg-type]  # click's own types
    finally:
        database.close()


for option in OPTIONS:
    ship = option(ship)
