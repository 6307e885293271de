"""`broker log prune` and `erase`: what may go from the record. Both need the rights of the tables' owner."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from broker.commands.log_place import opened, place_options
from broker.commands.moments import moment
from broker.log.keep import compact, erase, prune
from broker.store.database import Database, attach_database
from broker.vault_identity import private_text

owner_option = click.option(
    "--owner-url-file",
    type=click.Path(dir_okay=False),
    help="File of mode 0600 with the database URL of the tables' owner; the service's role may not do this.",
)
reason_option = click.option("--reason", required=True, help="Why; it is recorded, so name nobody.")


@click.command("prune")
@click.option("--before", "text", required=True, metavar="TIME", help="Drop what is older, as 2026-01-31.")
@reason_option
@owner_option
@place_options[0]
@place_options[1]
def prune_command(text: str, reason: str, owner_url_file: str | None, config: Path | None, state: str) -> None:
    """Drop the texts of old records; proofs of what is kept stay valid.

    Numbers, hashes and checkpoints stay. It ends at the first record of a task that lives. That it was done is a
    record itself.
    """
    before = moment("--before", text)
    database = _database(owner_url_file, config, state)
    try:
        minimum, gone = prune(database, before, _who(), reason, time.time())
    finally:
        database.close()
    click.echo(f"{gone} records dropped; kept from entry {minimum} on")


@click.command("erase")
@click.option("--task", "task_id", default="", help="The personal texts of this task: names, purpose, reasons.")
@click.option("--who", default="", help="This identity wherever it is told, as `broker task list` writes it.")
@reason_option
@owner_option
@place_options[0]
@place_options[1]
def erase_command(
    task_id: str, who: str, reason: str, owner_url_file: str | None, config: Path | None, state: str
) -> None:
    """Erase personal texts from single records; every proof and checkpoint stays valid.

    What is left of such a record is no longer proved by its hash, and says so. Copies elsewhere, such as exports,
    backups and Vault's own log, are not reached.
    """
    if bool(task_id) == bool(who) or (who and len(who) < 3):
        raise click.UsageError("give --task, or --who with at least three characters")
    database = _database(owner_url_file, config, state)
    try:
        count = erase(database, time.time(), _who(), reason, task_id=task_id, who=who)
        click.echo(f"{count} records erased")
        compact(database)
    finally:
        database.close()


def _database(owner_url_file: str | None, config: Path | None, state: str) -> Database:
    if owner_url_file is not None:
        return attach_database(private_text(owner_url_file).reveal())
    return opened(config, state)[0]


def _who() -> str:
    return f"unix:{os.geteuid()}"
