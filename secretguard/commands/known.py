"""`secretguard known`: the values of a project that must never leave, wherever they stand."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from secretguard import person
from secretguard.audit.journal import user_journal
from secretguard.errors import ConfigError
from secretguard.known import synced
from secretguard.known.build import build
from secretguard.known.index import OF, SYNCED, Index, index_key, shown
from secretguard.known.standing import current
from secretguard.terminal import printable

_project = click.option(
    "--project", default=".", type=click.Path(exists=True, file_okay=False), help="Its folder; else the current one."
)


@click.group()
def known() -> None:
    """Values that must never leave: found by their digests, whatever they look like.

    Those in `.env`-like files of a project are known by themselves; `sync` adds those of a store.
    """


@known.command("list")
@_project
@click.option("--again", is_flag=True, help="Look through the project's folders anew.")
def show(project: str, again: bool) -> None:
    """Show what is known: variables, files and lengths. No value can be shown: none is kept."""
    here = os.path.realpath(project)
    index = build(here, 60.0) if again else current(here, index_key())
    rows = sorted(_told(index))
    for where, variable, size, remark in rows:
        click.echo(printable(f"{where}  {variable}  {size} bytes{remark}"))
    click.echo(f"{len(rows)} values known in {printable(here)}; indexed {_age(index.built)} ago")
    for gap in index.missing:
        click.echo(printable(f"not looked at: {gap}"))


def _told(index: Index) -> list[tuple[str, str, int, str]]:
    told = []
    for one, (file, line, variable, _) in index.rows:
        path, kind, _ = index.files[int(str(file))]
        name, _, store = str(variable).partition(OF) if kind == SYNCED else (str(variable), "", "")
        where = store or shown(str(path), index.project) + (f":{line}" if line else "")
        weak = ", counts only beside a name that says secret" if one[42] & 1 else ""
        told.append((where, name, int.from_bytes(one[34:36], "little"), weak))
    return told


def _age(built: int) -> str:
    minutes = max(0, int(time.time()) - built) // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


@known.command()
@_project
@click.option(
    "--vault", "paths", multiple=True, metavar="PATH", help="A secret of Vault's key-value engine: secret/app"
)
@click.option(
    "--file", "files", multiple=True, type=click.Path(exists=True, dir_okay=False), help="A file of settings."
)
@click.option("--stdin", "piped", metavar="NAME", help="What another program prints, under a NAME of your choice.")
def sync(project: str, paths: tuple[str, ...], files: tuple[str, ...], piped: str | None) -> None:
    """Make the values of a store known: from Vault, from a file elsewhere, or from what another program prints.

    Only digests are kept. Settings are one JSON object, or lines of NAME=value. What was known of the same store is
    replaced; sync again when a value was rotated.
    """
    if not (paths or files or piped):
        raise click.UsageError("give --vault PATH, --file FILE or --stdin NAME")
    here = os.path.realpath(project)
    for path in paths:
        from secretguard.known.vault import read  # brings TLS

        _sync(here, f"vault {path}", read(path))
    for name in files:
        _sync(here, f"file {os.path.realpath(name)}", _bounded(Path(name)))
    if piped:
        if sys.stdin.isatty():
            raise click.UsageError("--stdin is for a pipe: a value that is typed would be readable on the screen")
        _sync(here, f"stdin {piped}", sys.stdin.buffer.read(synced.LARGEST + 1))


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(synced.LARGEST + 1)


def _sync(project: str, store: str, data: bytes) -> None:
    values, left_out = synced.digested(synced.given(data, store))
    _record(project, {"change": "synced", "stores": [store], "values": len(values)})
    synced.put(project, store, values)
    click.echo(printable(f"{store}: {len(values)} values known in {project}"))
    if left_out:
        names = ", ".join(left_out[:10]) + (", ..." if len(left_out) > 10 else "")
        click.echo(printable(f"  left out, too short or no secret by their look: {names}"))


@known.command()
@_project
@click.option("--all", "everything", is_flag=True, help="Every store.")
@click.argument("names", nargs=-1, metavar="[STORE]...")
def forget(project: str, everything: bool, names: tuple[str, ...]) -> None:
    """Forget what was synced from a STORE, as `list` names it. A person's command.

    Values of the project's own files cannot be forgotten: for a false alarm there is `secretguard accept`.
    """
    if everything == bool(names):
        raise click.UsageError("give a STORE, or --all")
    person.must_be_there("secretguard known forget")
    here = os.path.realpath(project)
    there = {name for name, _ in synced.stores(here)}
    if set(names) - there:
        raise ConfigError(
            f"nothing was synced from {', '.join(sorted(set(names) - there))}", "`secretguard known list`"
        )
    gone = sorted(there if everything else names)
    _record(here, {"change": "forgotten", "stores": gone, "values": 0})
    if everything:
        synced.forget_all(here)
    else:
        synced.forget(here, set(names))
    click.echo(printable(f"forgotten: {', '.join(gone) or 'nothing that could be read'}"))


def _record(project: str, fields: dict[str, object]) -> None:
    """Before anything changes. Raises RecordError: then nothing does."""
    user_journal().append("guard:known:changed", {"path": project, "by": person.name(), **fields})
