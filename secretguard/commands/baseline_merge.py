"""`secretguard baseline merge`: two versions of a baseline into one, for a person and as git's merge driver."""

from __future__ import annotations

import os

import click

from secretguard.accepted import save
from secretguard.baseline_file import contents, parse, read, sides
from secretguard.baseline_merge import merge as merged
from secretguard.terminal import printable


@click.command()
@click.argument("file", type=click.Path())
@click.argument("versions", nargs=-1, type=click.Path())
@click.pass_context
def merge(ctx: click.Context, file: str, versions: tuple[str, ...]) -> None:
    """FILE: take both sides of what git left in conflict, and write the file in order.

    FILE OURS THEIRS: FILE is the version that both came from (empty if there is none); the result goes to OURS. This
    is what git calls as a merge driver, with %O %A %B. Where both sides differ on one entry, the stricter counts.
    """
    if len(versions) not in (0, 2):
        raise click.UsageError("merge takes FILE, or BASE OURS THEIRS")
    if versions:
        place = versions[0]
        base = read(file) if os.path.exists(file) and os.path.getsize(file) else None
        document, contested = merged(place, base, read(place), read(versions[1]))
    else:
        place = file
        ours, theirs = sides(file, contents(file))
        document, contested = merged(file, None, parse(file, ours), parse(file, theirs))
    save(place, document)
    for name in contested:
        click.echo(f"{place}: {printable(name)}: both sides changed it; ours stays", err=True)
    click.echo(f"{place}: {sum(map(len, document['results'].values()))} entries", err=True)
    ctx.exit(0)
