"""`secretguard migrate`: move a project here from another scanner, shown first and written only when asked."""

from __future__ import annotations

import difflib
import os

import click

from secretguard.accepted import load
from secretguard.commands.scan import open_scanner
from secretguard.commands.scan_sources import scan_paths
from secretguard.errors import ConfigError
from secretguard.migrate.plan import TOOLS, Plan, plan
from secretguard.terminal import printable
from secretguard.whole_file import replace


@click.command()
@click.option("--from", "tools", type=click.Choice(TOOLS), multiple=True, help="Only from this scanner; default: any.")
@click.option("--baseline", default=".secrets.baseline", show_default=True, help="Where accepted findings go.")
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False), help="gitleaks' configuration, if named otherwise."
)
@click.option("--write", is_flag=True, help="Write the files; without this they are only shown.")
@click.option("--dry-run", is_flag=True, help="Only show (the default).")
def migrate(tools: tuple[str, ...], baseline: str, config: str | None, write: bool, dry_run: bool) -> None:
    """Carry over to secretguard what another scanner was told in the current folder.

    Baselines, allowlists, fingerprints and hooks of detect-secrets and gitleaks; hooks of others. What cannot be
    carried over is said, line by line.
    """
    if write and dry_run:
        raise click.UsageError("--write and --dry-run exclude each other")
    scanner = open_scanner(load(baseline) if os.path.exists(baseline) else None)
    made = plan(
        scanner, lambda: scan_paths(scanner, (".",), True, 0).open_findings, frozenset(tools or TOOLS), baseline, config
    )
    _tell(made)
    if not made.notes and not made.files:
        click.echo("nothing of another scanner is here")
        return
    if write:
        for path, text in made.files.items():
            _write(path, text)
            click.echo(f"written: {printable(path)}")
    elif made.files:
        click.echo("nothing was written; --write does it")


def _tell(made: Plan) -> None:
    for tool, notes in made.notes.items():
        click.secho(tool, bold=True)
        for note in dict.fromkeys(notes):
            click.echo(f"  {printable(note)}")
    for path, text in made.files.items():
        before = _read(path)
        for line in difflib.unified_diff(before.splitlines(), text.splitlines(), path, path, lineterm=""):
            click.echo(printable(line))


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _write(path: str, text: str) -> None:
    """Whole or not at all, links followed. Raises ConfigError."""
    try:
        replace(os.path.realpath(path), text.encode(), mode=None, durable=True)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
