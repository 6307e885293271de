"""`broker store backup` and `broker store restored`: a copy of the store, and what must follow when one is put back."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import click

from broker.assemble import assemble
from broker.commands.connect import show_receipt, visible
from broker.config import Config
from broker.restored import restored as put_right
from broker.store.copy import copy_sqlite
from broker.toml_file import read
from secretguard.errors import FINDINGS, ConfigError

config_option = click.option(
    "--config", required=True, type=click.Path(dir_okay=False, path_type=Path), help="That of `broker serve`."
)


@click.command()
@config_option
@click.argument("copy", type=click.Path(dir_okay=False, path_type=Path))
def backup(config: Path, copy: Path) -> None:
    """Copy an SQLite store to COPY (mode 0600) while the broker serves. PostgreSQL has pg_dump for that.

    The folder [keys] belongs in a backup of its own, kept elsewhere: the store without it opens nothing.
    """
    records = copy_sqlite(read(config, Config)[0].store.url, copy)
    click.echo(f"{copy}: {records} records, checked")


@click.command()
@config_option
@click.option("--reason", required=True, help="Why the store was put back; it is recorded.")
def restored(config: Path, reason: str) -> None:
    """Make an older store safe to serve from: run it after putting a backup back, with no broker running.

    Kills every task that it says is alive, closes all that waits for a person, and revokes at Vault what it does not
    know. Exit code 1 when something is still alive: run it again.
    """
    if not 0 < len(reason) <= 500:
        raise ConfigError("--reason: 1 to 500 characters", "say what happened")
    settings = read(config, Config)[0]
    assembled = assemble(settings, "restored")
    try:
        role = settings.vault.task_role if settings.vault else ""
        done = put_right(assembled.broker, role, f"{getpass.getuser()} at the store", reason)
    finally:
        assembled.close()
    for receipt in done.receipts:
        show_receipt(receipt, "text")
    for stray, problem in done.strays or ():
        state = f"STILL ALIVE: {visible(problem)}" if problem else "revoked"
        click.echo(f"  {state}: a token of {visible(stray.task)}, which the store does not know")
    found = "no Vault to look through" if done.strays is None else f"{len(done.strays)} strays at Vault"
    click.echo(f"{len(done.receipts)} tasks killed, {done.approvals} requests closed, {found}")
    if not done.complete:
        sys.exit(FINDINGS)
