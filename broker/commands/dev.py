"""`broker dev`: everything embedded, one process."""

from __future__ import annotations

import os
import re

import click

from broker.commands.connect import socket_path
from broker.dev import assemble_dev, dev_config, write_person
from broker.server import serve
from secretguard.errors import ConfigError

BANNER = "DEVELOPMENT BROKER: runs as you, so whatever runs as you can undo it. Not for production."
PERSON = re.compile(r"[a-z][a-z0-9-]{0,30}")


@click.command()
@click.option(
    "--state",
    type=click.Path(file_okay=False),
    default=lambda: os.path.dirname(socket_path()),
    show_default="secretguard's state directory",
    help="Where socket, store and keys are.",
)
@click.option("--policies", type=click.Path(exists=True, file_okay=False), help="Directory with tasks/*.toml.")
@click.option("--listen", metavar="ADDRESS:PORT", help="Also serve HTTP on loopback, with the issuer's documents.")
@click.option("--person", "people", multiple=True, metavar="NAME", help="Write a token for a made-up person.")
def dev(state: str, policies: str | None, listen: str | None, people: tuple[str, ...]) -> None:
    """Run a broker for development: SQLite, a local issuer, you as its operator. Refuses production task policies."""
    for name in people:
        if not PERSON.fullmatch(name):
            raise ConfigError(f"--person {name!r}: not a name", "lower-case letters, digits and -")
    if listen is not None and not re.fullmatch(r"(127\.0\.0\.1|\[::1\]):\d{1,5}", listen):
        raise ConfigError(f"--listen {listen!r}: not a loopback address", "write 127.0.0.1:8420")
    config = dev_config(os.path.abspath(state), listen)
    assembled = assemble_dev(config, policies)
    click.secho(BANNER, fg="yellow", err=True)
    click.echo(f"tasks    {', '.join(sorted(assembled.broker.policies.current().tasks))}", err=True)
    click.echo(f"socket   {config.server.socket}", err=True)
    click.echo(f"issuer   {config.issuer}", err=True)
    for name in people:
        click.echo(f"person   {name}: --token-file {write_person(config, name)}", err=True)
    if assembled.activity is not None:
        link = assembled.activity.link(config.server.operators[0])
        click.echo(f"activity {link.reveal()}", err=True)
    else:
        click.echo("activity what agents did, in a browser: add --listen 127.0.0.1:8420", err=True)
    click.echo("try      broker run hello -- sh -c 'broker credential identity'", err=True)
    serve(config, assembled)
