"""`broker policy recover`: put the directory's policy in force when no owner is left who could. For root; recorded."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from broker.config import Config
from broker.issue.registry import usable
from broker.policy.directory import Directory
from broker.policy.proposals import activate, in_force, keep
from broker.policy.turn import alone
from broker.store.database import attach_database
from broker.toml_file import read
from secretguard.errors import ConfigError


@click.command()
@click.option("--config", "path", required=True, type=click.Path(dir_okay=False, path_type=Path), help="TOML file.")
@click.option("--reason", required=True, help="Why; it is recorded.")
def recover(path: Path, reason: str) -> None:
    """Put the policy of the configured directory in force, past its owners: for when there are none left.

    Only root may, on a machine that reaches the store; every replica follows at once. It leaves the event
    `broker:policy:recovered`, of the highest severity, which no one can take back.
    """
    if os.geteuid() != 0:
        raise ConfigError("only root puts a policy in force past its owners", "ask its owners: `broker policy propose`")
    if not 0 < len(reason) <= 500:
        raise ConfigError("--reason: 1 to 500 characters", "say what happened")
    config = read(path, Config)[0]
    database = attach_database(config.store.url)
    try:
        directory = Directory(config.policy.directory, database, time.time)
        files, _ = directory.usable(usable(config.tables))
        now = int(time.time())
        with database.write() as tx:
            alone(tx)
            if in_force(tx) == files.digest:
                raise ConfigError("this policy is in force already", "edit the directory first")
            activate(tx, keep(tx, files, now), "recovered", "", [_who()], reason, now)
    finally:
        database.close()
    click.echo(f"in force: {files.digest}")


def _who() -> str:
    """Who called it, as far as this machine knows: a name for the record and no proof."""
    return f"root, for {os.environ.get('SUDO_USER', 'nobody else')}"
