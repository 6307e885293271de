"""`secretguard hook CLIENT`: answer one event of a coding agent. The installed hook runs the same code more quickly."""

from __future__ import annotations

import click

from secretguard.guard.hook import CLIENTS, main


@click.command()
@click.argument("client", type=click.Choice(CLIENTS))
def hook(client: str) -> None:
    """Read one event of CLIENT on stdin and answer in its own format.

    Exit code 0 with an answer, or 2: refused, with the reason on stderr.
    """
    main(client)
