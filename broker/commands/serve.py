"""`broker serve`: the broker for more than one person's laptop."""

from __future__ import annotations

from pathlib import Path

import click

from broker.assemble import CHECK, assemble
from broker.config import Config
from broker.policy.owners import owners_of
from broker.server import serve as run_server
from broker.service import Broker
from broker.toml_file import read


@click.command()
@click.option("--config", "path", required=True, type=click.Path(dir_okay=False, path_type=Path), help="TOML file.")
@click.option("--check", is_flag=True, help="Open everything, say what would be served, and stop.")
def serve(path: Path, check: bool) -> None:
    """Serve as the configuration says, until SIGTERM. The first start takes the policy of its directory; from then on
    its owners change it (`broker policy`), and the directory is only where proposals come from."""
    config = read(path, Config)[0]
    assembled = assemble(config, CHECK if check else "serve")
    broker = assembled.broker
    _show_policy(broker)
    click.echo(f"sources  {', '.join(sorted(broker.sources))}", err=True)
    click.echo(f"store    {broker.database.kind}", err=True)
    click.echo(f"socket   {config.server.socket}", err=True)
    if config.server.listen:
        click.echo(f"http     {config.server.listen}", err=True)
    if check:
        assembled.close()
        return
    run_server(config, assembled)


def _show_policy(broker: Broker) -> None:
    """Which one is in force, who may change it, and whether the directory says something else."""
    held = broker.policies.current()
    owners = owners_of(held.rules)
    click.echo(f"policy   {held.digest[:12]} ({len(held.tasks)} task policies)", err=True)
    if owners.of_both_sides:
        said = f"{len(owners.engineering)} for engineering, {len(owners.security)} for security"
    else:
        said = "not of both sides: a loosening needs `broker policy recover` (see [owners] in facts.toml)"
    click.echo(f"owners   {said}", err=True)
    different = broker.policies.notice()
    if different:
        click.secho(f"note     {different}", fg="yellow", err=True)
