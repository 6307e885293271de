"""`broker serve`: the broker for more than one person's laptop."""

from __future__ import annotations

from pathlib import Path

import click

from broker.assemble import assemble
from broker.config import Config
from broker.server import serve as run_server
from broker.toml_file import read


@click.command()
@click.option("--config", "path", required=True, type=click.Path(dir_okay=False, path_type=Path), help="TOML file.")
@click.option("--check", is_flag=True, help="Open everything, say what would be served, and stop.")
def serve(path: Path, check: bool) -> None:
    """Serve as the configuration says, until SIGTERM. Policies are read at start: restart to apply a change."""
    config = read(path, Config)[0]
    assembled = assemble(config, "check" if check else "serve")
    broker = assembled.broker
    click.echo(f"policy   {config.policy.directory} ({len(broker.policies.current().tasks)} task policies)", err=True)
    click.echo(f"sources  {', '.join(sorted(broker.sources))}", err=True)
    click.echo(f"store    {broker.database.kind}", err=True)
    click.echo(f"socket   {config.server.socket}", err=True)
    if config.server.listen:
        click.echo(f"http     {config.server.listen}", err=True)
    if check:
        assembled.close()
        return
    run_server(config, assembled)
