"""`broker store`: make or migrate the tables as their owner, and give the service's role no more than it needs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from broker.commands.store_copy import backup, restored
from broker.config import Config
from broker.store.database import attach_database, open_database
from broker.store.roles import excess, grant, statements
from broker.toml_file import read
from broker.vault_identity import private_text
from secretguard.errors import FINDINGS


@click.group()
def store() -> None:
    """Prepare a PostgreSQL store so that the service cannot change what it recorded; copies, and what follows one."""


@store.command()
@click.option("--role", required=True, help="The role that the service logs in as (`store.url`). It must exist.")
@click.option(
    "--owner-url-file", type=click.Path(dir_okay=False), help="File of mode 0600 with the database URL of the owner."
)
@click.option("--print", "only_print", is_flag=True, help="Print the GRANT statements; connect nowhere.")
def setup(role: str, owner_url_file: str | None, only_print: bool) -> None:
    """Make or migrate the tables as their owner, and give ROLE exactly what the service needs. May be run again."""
    if only_print:
        click.echo(";\n".join(statements(role)) + ";")
        return
    if owner_url_file is None:
        raise click.UsageError("give --owner-url-file, or --print")
    database = open_database(private_text(owner_url_file).reveal())
    try:
        grant(database, role)
    finally:
        database.close()
    click.echo(f"{role} can add to the record, and neither change nor delete it")


store.add_command(backup)
store.add_command(restored)


@store.command()
@click.option(
    "--config", required=True, type=click.Path(dir_okay=False, path_type=Path), help="That of `broker serve`."
)
def check(config: Path) -> None:
    """Tell what the service's own role could do to the record. Exit code 1 when that is more than adding to it."""
    database = attach_database(read(config, Config)[0].store.url)
    try:
        found = excess(database)
    finally:
        database.close()
    for line in found:
        click.echo(f"could {line}" if database.kind == "postgresql" else line)
    if found:
        sys.exit(FINDINGS)
    click.echo("the service's role can add to the record, and neither change nor delete it")
