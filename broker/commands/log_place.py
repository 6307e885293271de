"""Where the broker's record is, for the subcommands of `broker log` that read it straight from its store."""

from __future__ import annotations

import os
from pathlib import Path

import click

from broker.commands.connect import socket_path
from broker.config import Config
from broker.store.database import Database, attach_database
from broker.toml_file import read

place_options = (
    click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="Configuration of `broker serve`."),
    click.option(
        "--state",
        type=click.Path(file_okay=False),
        default=lambda: os.path.dirname(socket_path()),
        show_default="that of `broker dev`",
        help="State directory of `broker dev`.",
    ),
)


def opened(config: Path | None, state: str) -> tuple[Database, Path]:
    """The store as it is (nothing is created or migrated), and the verifier key beside it. Raises ConfigError."""
    if config is not None:
        value = read(config, Config)[0]
        return attach_database(value.store.url), Path(value.keys.directory) / "log.vkey"
    return attach_database(f"sqlite:///{state}/broker.db"), Path(state) / "keys" / "log.vkey"
