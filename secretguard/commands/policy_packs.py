"""`secretguard policy packs` and `init`: the shipped policies, and a copy of one to edit."""

from __future__ import annotations

import os

import click

from secretguard.places import config_dir, private_dir
from secretguard.policy import compiled
from secretguard.policy.shipped import PACKS, copy, owners_template


@click.command()
def packs() -> None:
    """The policies that are shipped, with a sentence each, and the CODEOWNERS template for a policy repository."""
    for name, pack in PACKS.items():
        counts_on = ", ".join(sorted(pack.has)) or "nothing but the guard"
        click.echo(f"{click.style(f'{name:10}', bold=True)} {pack.sentence}")
        click.echo(f"{'':10} counts on: {counts_on}")
    click.echo(
        "\nA copy to edit: `secretguard policy init --pack NAME`. What differs: `secretguard policy diff laptop team`."
    )
    click.echo(f"Owners of a policy repository: a CODEOWNERS template is in {owners_template()}")
    click.echo("(`secretguard policy init --codeowners DIR` puts it beside the rules).")


@click.command()
@click.option("--pack", "name", type=click.Choice(list(PACKS)), default="laptop", show_default=True)
@click.option("--codeowners", is_flag=True, help="Also the CODEOWNERS template, for a policy repository.")
@click.argument("directory", required=False, metavar="[DIR]", type=click.Path(file_okay=False))
def init(name: str, codeowners: bool, directory: str | None) -> None:
    """Copy a pack to DIR, to be edited there; by default to your own policy folder, where it decides from then on.

    Nothing is ever overwritten.
    """
    own = os.path.join(config_dir(), "policy")
    if directory is None:
        private_dir(config_dir())
    chosen = directory or own
    for path in copy(name, chosen, codeowners):
        click.echo(f"  {path}")
    active = os.path.realpath(compiled.active_directory()) == os.path.realpath(chosen)
    where = "" if directory is None else f" {chosen}"
    click.echo(
        f"{name} is {'the policy in use now' if active else 'copied'}; after editing: `secretguard policy check{where}`"
    )
    if directory is None and not active:
        click.secho(f"The managed policy in {compiled.MANAGED} decides; of this copy only denials count.", fg="yellow")
