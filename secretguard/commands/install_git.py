"""`secretguard install git --server PATH`: the production gate as a `pre-receive` hook of a bare repository."""

from __future__ import annotations

import click

from secretguard.review import server


@click.command("git")
@click.option("--server", "path", required=True, type=click.Path(), help="The bare repository on the git server.")
@click.option("--protect", multiple=True, metavar="BRANCH", help="A branch name or glob to protect beside HEAD's.")
@click.option("--remove", is_flag=True, help="Take the hook away; reviews, reviewers and journal stay.")
def git(path: str, protect: tuple[str, ...], remove: bool) -> None:
    """Put the production gate into the bare repository PATH. Safe to repeat; another hook there is never touched."""
    if remove:
        click.echo("gate removed" if server.remove(path) else "there was no gate of ours")
        return
    done = server.install(path, protect)
    click.echo(f"{'installed' if done.changed else 'already installed'}: {done.hook}")
    for fault in server.faults(path):
        click.secho(f"still to do: {fault}", fg="yellow")
